"""Where a page of the host is, also for a host that a proxy serves below a prefix."""

from __future__ import annotations

from flask import has_request_context, request


def address(path: str) -> str:
    """``path`` of the app, as a browser asks for it."""
    return (request.script_root if has_request_context() else "") + path
