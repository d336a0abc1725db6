"""The body of a request: JSON, read before anything looks into it."""

from flask import request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from models.errors import InvalidInput


def read(*, as_text: bool = False) -> None:
    """Reads the body of a write, which the models then validate; JSON that is sent as text/plain is
    taken for JSON with `as_text` alone. Raises UnsupportedMediaType, RequestEntityTooLarge, and
    InvalidInput when it is not a JSON object."""
    if request.method not in {"POST", "PUT", "PATCH"}:
        return
    if not (request.is_json or (as_text and request.mimetype == "text/plain")):
        raise UnsupportedMediaType
    most = request.max_content_length
    # Of a body that comes in chunks and says no length, what is too much was cut off.
    if most is not None and len(request.get_data()) >= most:
        raise RequestEntityTooLarge
    try:
        body = request.get_json(force=True)
    except BadRequest:
        raise InvalidInput("The body is not valid JSON.", code="invalid-json") from None
    if not isinstance(body, dict):
        raise InvalidInput.at("", "The body must be a JSON object.")
