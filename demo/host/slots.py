"""Places on the host's pages that plugins fill."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, render_template
from markupsafe import Markup

logger = logging.getLogger("demo_host.slots")

EXTENSION = "demo_host_slots"


def init_app(app: Flask) -> None:
    """Let templates say ``{{ slot("name", assistant_id=…) }}``."""
    app.extensions[EXTENSION] = {}
    app.jinja_env.globals["slot"] = show


def add(app: Flask, slot: str, render: Callable[..., str]) -> None:
    """Show ``render(**context)`` in ``slot``, after what is there already."""
    app.extensions[EXTENSION].setdefault(slot, []).append(render)


def show(slot: str, **context: Any) -> Markup:
    """All that plugins show in ``slot``; a plugin that fails leaves a line instead of breaking the page."""
    return Markup().join(_one(render, context) for render in current_app.extensions[EXTENSION].get(slot, []))


def _one(render: Callable[..., str], context: dict[str, Any]) -> Markup:
    try:
        return Markup(render(**context))  # noqa: S704 - a plugin escapes what it shows, as a template would
    except Exception:
        if current_app.testing:
            raise
        logger.exception("a plugin could not fill its place on the page")
        return Markup(render_template("demo_host/slot_failed.html"))  # noqa: S704
