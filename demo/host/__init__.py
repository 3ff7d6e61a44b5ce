"""A small IllumiChat: the chat platform that the plugin is a guest of.

``flask --app demo.host …`` finds :func:`create_app`; ``python -m demo.host`` serves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from demo.host import (
    api,
    cli,
    database,
    error_pages,
    language,
    navigation,
    plugins,
    security,
    settings,
    slots,
    time_labels,
    views,
)


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """The host with every installed plugin. ``config`` wins over the environment; see settings.py."""
    app = Flask(__name__)
    app.config.from_mapping(settings.from_environment())
    app.config.from_mapping(config or {})
    settings.complete(app.config)
    database.init_app(app)
    security.init_app(app)
    error_pages.init_app(app)
    slots.init_app(app)
    time_labels.init_app(app)
    navigation.init_app(app)
    language.init_app(app)
    views.init_app(app)
    api.init_app(app)
    cli.init_app(app)
    plugins.init_app(app)
    return app
