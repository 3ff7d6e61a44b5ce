"""How a stranger's file is sent to a browser: as what it is, never as a page of ours."""

from __future__ import annotations

from flask import Response

from illumichat_sms_plugin.services.sessions.shown_files import Content

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'self'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def file_response(content: Content) -> Response:
    """Shown if it is a picture that a browser can show, else downloaded."""
    file = content.file
    place = "inline" if file.is_picture else "attachment"
    charset = "; charset=utf-8" if file.content_type.startswith("text/") else ""
    response = Response(content.data, content_type=file.content_type + charset)
    response.headers.update(HEADERS)
    response.headers["Content-Disposition"] = f'{place}; filename="{file.name}"'
    return response
