"""The API's own documentation, open to everyone: /api/openapi.json (OpenAPI 3.1) and /api/docs.

Nothing in it comes from outside: the viewer's files are those of the installed package.
"""

from importlib.resources import files
from typing import Any, cast

from flask import Blueprint, Response, current_app, jsonify
from flask_openapi3 import OpenAPI

from api.schemas import Problem, ProblemItem

blueprint = Blueprint(
    "documentation",
    __name__,
    static_folder=str(files("flask_openapi3_swagger") / "templates" / "swagger"),
    static_url_path="/docs",
)
_PROBLEMS = {
    "401": "No token, or one that does not hold",
    "403": "The scope or role for it is missing",
    "404": "There is no such thing, or it is not yours",
    "409": "It contradicts what is stored",
    "412": "It changed since you read it (If-Match)",
    "413": "The body is too large",
    "415": "The body is not JSON",
    "422": "The input is not valid; `errors` names each bad item, and nothing was stored",
    "429": "Too many requests; go on after Retry-After seconds",
    "503": "A store is away, nothing was acknowledged; try again after Retry-After seconds",
}
_WRITES_ALONE = {"409", "412", "413", "415"}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The API of Platform Analytics</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/css/swagger-ui.css">
</head>
<body>
<main id="api"></main>
<script src="docs/js/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_START = """SwaggerUIBundle({url: "openapi.json", dom_id: "#api", deepLinking: true, validatorUrl: null})
"""


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The description of every route, from the models that validate."""
    return jsonify(_described(cast(OpenAPI, current_app._get_current_object())))  # type: ignore[attr-defined]  # LocalProxy hides it from types


@blueprint.get("/docs")
def page() -> Response:
    """The same to read and to try out."""
    headers = {"Content-Security-Policy": _POLICY}
    return Response(_PAGE, content_type="text/html; charset=utf-8", headers=headers)


@blueprint.get("/docs/start.js")
def start() -> Response:
    """Starts the viewer; a file of its own, so that a policy against inline scripts allows it."""
    return Response(_START, content_type="text/javascript; charset=utf-8")


def _described(app: OpenAPI) -> dict[str, Any]:
    """The description with what all routes have in common: who may ask, and the problems."""
    described: dict[str, Any] = app.api_doc
    described["security"] = [{"bearer": []}, {"session": []}]
    schemas = described["components"]["schemas"]
    schemas.pop(app.validation_error_model.__name__, None)
    for model in (Problem, ProblemItem):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs", None)
        schemas[model.__name__] = schema
    for operations in described["paths"].values():
        for method, operation in operations.items():
            problems = {
                status: _problem(words)
                for status, words in _PROBLEMS.items()
                if method != "get" or status not in _WRITES_ALONE
            }
            operation["responses"] |= problems
    return described


def _problem(words: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": words, "content": {"application/problem+json": {"schema": schema}}}
