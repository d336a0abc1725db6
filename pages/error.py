"""What a page says when it can't be served: a sentence, and when to come back."""

from flask import Flask, Response, render_template, request

from models.errors import AppError, TooManyRequests, Unavailable
from session import status_of


def register(app: Flask) -> None:
    """Answers the errors that reach no blueprint and no callback of their own."""
    app.register_error_handler(AppError, answer)


def answer(error: AppError) -> Response:
    """A page with the sentence; the bare sentence for the calls behind the pages."""
    status = status_of(error)
    behind = request.path.startswith("/_")
    body = str(error) if behind else render_template("error.html", title=error.title, detail=str(error))
    response = Response(body, status, mimetype="text/plain" if behind else "text/html")
    if isinstance(error, Unavailable | TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after)
    return response
