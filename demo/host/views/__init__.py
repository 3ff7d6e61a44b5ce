"""The host's pages."""

from __future__ import annotations

from flask import Flask

from demo.host.views import assistants, chats, contacts, notices, sign_in, workspaces


def init_app(app: Flask) -> None:
    """Add all pages to ``app``."""
    for part in (sign_in, workspaces, assistants, chats, contacts, notices):
        app.register_blueprint(part.blueprint)
