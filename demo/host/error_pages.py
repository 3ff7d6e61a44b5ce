"""What a caller reads when something does not work: JSON under ``/api/``, a page elsewhere."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError, Unauthorized

from demo.host import access

API_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    429: "rate_limit",
}
WORDS = {
    400: ("That did not work", "The request could not be used. Go back, reload the page and try again."),
    403: ("Not for your role", "Ask an admin of the workspace."),
    404: ("Nothing here", "The page does not exist, or it belongs to a workspace that you are not in."),
    405: ("That did not work", "This address does not take such a request."),
    413: ("Too much at once", "What you sent is larger than one megabyte."),
}
OUR_FAULT = ("Something broke", "It is our fault, not yours. Try again in a moment.")


def init_app(app: Flask) -> None:
    """Answer every error in the words of the door it happened behind."""
    app.register_error_handler(HTTPException, answer)


def answer(error: HTTPException) -> Any:
    """The response for an error; one that brings its own response keeps it."""
    if error.response is not None:
        return error.response
    if request.path.startswith("/api/"):
        return _as_json(error)
    if isinstance(error, Unauthorized):
        return access.to_sign_in()
    title, text = WORDS.get(error.code or 500, OUR_FAULT)
    return _with_headers(error, Response(render_template("demo_host/error.html", title=title, text=text)))


def _as_json(error: HTTPException) -> Response:
    kind = API_CODES.get(error.code or 500, "internal")
    sentence = OUR_FAULT[1] if isinstance(error, InternalServerError) else error.description
    body = {"error": sentence, "code": f"{kind}:api"}
    details = getattr(error, "details", None)
    return _with_headers(error, jsonify(body | ({"details": details} if details else {})))


def _with_headers(error: HTTPException, response: Response) -> Response:
    """Keep what the error has to say in headers, such as Allow and Retry-After."""
    for name, value in error.get_headers():
        if name.lower() != "content-type":
            response.headers[name] = value
    if isinstance(error, Unauthorized):
        response.headers.setdefault("WWW-Authenticate", "Bearer")
    response.status_code = error.code or 500
    return response
