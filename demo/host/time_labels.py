"""Times as people read them, in the time zone of the workspace they are in."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Flask
from markupsafe import Markup

from demo.host.access import visit


def init_app(app: Flask) -> None:
    """Let templates say ``{{ chat.updated_at|when }}``."""
    app.jinja_env.filters["when"] = when


def when(time: datetime) -> Markup:
    """A ``<time>`` element: the clock for today, the day for this year, else the date."""
    workspace = visit().workspace
    zone = ZoneInfo(workspace.timezone) if workspace else UTC
    local, today = time.astimezone(zone), datetime.now(zone)
    if local.date() == today.date():
        label = f"{local:%H:%M}"
    elif local.year == today.year:
        label = f"{local:%b} {local.day}, {local:%H:%M}"
    else:
        label = f"{local:%Y-%m-%d}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        time.isoformat(timespec="seconds"), f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}", label
    )
