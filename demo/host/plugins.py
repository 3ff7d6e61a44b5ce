"""Find and start the installed plugins, by entry point only."""

from __future__ import annotations

import logging
from importlib.metadata import EntryPoint, entry_points

from flask import Flask

from demo.host.plugin_contract import plugin_host

logger = logging.getLogger("demo_host.plugins")

GROUP = "illumichat.plugins"


def init_app(app: Flask) -> None:
    """Start every plugin that is installed, or those that ILLUMICHAT_PLUGINS names."""
    host = plugin_host(app)
    for entry in _wanted(app.config.get("ILLUMICHAT_PLUGINS")):
        entry.load()().init_app(app, host)
        logger.info("plugin %s is in", entry.name)


def _wanted(names: str | None) -> list[EntryPoint]:
    installed = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    if names is None:
        return installed
    wanted = {name.strip() for name in names.split(",")}
    return [entry for entry in installed if entry.name in wanted]
