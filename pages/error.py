"""What a page says when it can't be served: a sentence, and when to come back."""

from flask import Flask, Response, render_template, request

from models.errors import AppError, Forbidden, NotFound, TooManyRequests, Unauthenticated, Unavailable

_STATUS: dict[type[AppError], int] = {
    Unavailable: 503,
    TooManyRequests: 429,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
}


def register(app: Flask) -> None:
    """Answers the errors that reach no blueprint and no callback of their own."""
    app.register_error_handler(AppError, answer)


def answer(error: AppError) -> Response:
    """A page with the sentence; the bare sentence for the calls behind the pages."""
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
    behind = request.path.startswith("/_")
    body = str(error) if behind else render_template("error.html", title=error.title, detail=str(error))
    response = Response(body, status, mimetype="text/plain" if behind else "text/html")
    if isinstance(error, Unavailable | TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after)
    return response
