"""What a page says when it can't be served: a sentence, and when to come back."""

from dash.exceptions import DependencyException
from flask import Flask, Response, render_template, request

from models.errors import AppError, TooManyRequests, Unavailable
from session import status_of


def register(app: Flask) -> None:
    """Answers the errors that reach no blueprint and no callback of their own."""
    app.register_error_handler(AppError, answer)
    app.register_error_handler(DependencyException, _no_script)


def _no_script(error: DependencyException) -> Response:
    """404 for a script that no component has; Dash itself takes it for a failure of ours."""
    return Response("There is no such script.", 404, mimetype="text/plain")


def answer(error: AppError) -> Response:
    """A page with the sentence; the bare sentence for the calls behind the pages."""
    status = status_of(error)
    behind = request.path.startswith("/_")
    body = str(error) if behind else render_template("error.html", title=error.title, detail=str(error))
    response = Response(body, status, mimetype="text/plain" if behind else "text/html")
    if isinstance(error, Unavailable | TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after)
    return response
