"""Find and start the installed plugins, by entry point only."""

from __future__ import annotations

import logging
from importlib.metadata import EntryPoint, entry_points

import click
from flask import Flask

from demo.host.plugin_contract import plugin_host

logger = logging.getLogger("demo_host.plugins")

GROUP = "illumichat.plugins"


class PluginRefused(click.ClickException):
    """A plugin found the host or its settings unfit; the command line shows its sentence, no traceback."""


def init_app(app: Flask) -> None:
    """Start every plugin that is installed, or those that ILLUMICHAT_PLUGINS names."""
    host = plugin_host(app)
    for entry in _wanted(app.config.get("ILLUMICHAT_PLUGINS")):
        try:
            entry.load()().init_app(app, host)
        except Exception as error:
            if _said_on_purpose(error, entry):
                raise PluginRefused(f"The plugin {entry.name} does not start. {error}") from error
            raise
        logger.info("plugin %s is in", entry.name)


def _said_on_purpose(error: Exception, entry: EntryPoint) -> bool:
    """Whether the error is one of the plugin's own rather than a bug that came up in it."""
    return type(error).__module__.partition(".")[0] == entry.module.partition(".")[0]


def _wanted(names: str | None) -> list[EntryPoint]:
    installed = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    if names is None:
        return installed
    wanted = {name.strip() for name in names.split(",")}
    return [entry for entry in installed if entry.name in wanted]
