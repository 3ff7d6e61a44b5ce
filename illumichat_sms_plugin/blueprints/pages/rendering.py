"""Rendering of our templates, on our pages and in the host's slots."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from importlib.metadata import version
from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from markupsafe import Markup

from illumichat_sms_plugin.blueprints.pages import figures_in_words
from illumichat_sms_plugin.blueprints.pages.local_clock import LocalClock
from illumichat_sms_plugin.blueprints.pages.page_language import page_language
from illumichat_sms_plugin.blueprints.pages.visible_text import visible_text
from illumichat_sms_plugin.host import Workspace, offered
from illumichat_sms_plugin.in_words import count
from illumichat_sms_plugin.languages import formats
from illumichat_sms_plugin.languages.language import speaking, spoken
from illumichat_sms_plugin.languages.wording import Wording, say, say_html, say_html_n, say_n
from illumichat_sms_plugin.runtime import current_runtime

PACKAGE = "illumichat_sms_plugin"
OWN_LAYOUT = "illumichat_sms/layout.html"

assets = Blueprint(
    "illumichat_sms",
    PACKAGE,
    static_folder="static",
    static_url_path="/sms/static",
    template_folder="templates",
)
"""Carries the templates and the static files; has no view of its own."""


class Ui:
    """What every template of ours may ask for, as ``ui``."""

    @property
    def layout(self) -> str:
        """The host's layout, to extend, or ours where it has none."""
        return offered(current_runtime().host.pages, "layout") or OWN_LAYOUT

    @property
    def lang(self) -> str:
        """For ``lang=""``: the language that the page is shown in."""
        return spoken().tag

    def csrf_token(self) -> str:
        """The token of the host's CSRF protection."""
        return current_runtime().host.pages.csrf_token()

    def channels_url(self, assistant_id: str) -> str | None:
        """The assistant's Channels page at the host, if it has one."""
        find = offered(current_runtime().host.pages, "channels_url")
        return find(assistant_id) if find is not None else None

    def figures_as_csv(self, assistant_id: str, days: int) -> str | None:
        """The address of the daily figures as a table; None while the API is left out."""
        if "sms_api_analytics" not in current_app.blueprints:
            return None
        return url_for("sms_api_analytics.get_analytics_csv", assistant_id=assistant_id, days=days)

    def consent_as_csv(self, assistant_id: str) -> str | None:
        """The address of the consent ledger as a table; None while the API is left out."""
        if "sms_api_consent" not in current_app.blueprints:
            return None
        return url_for("sms_api_consent.get_consent_csv", assistant_id=assistant_id)

    def texter_as_json(self, assistant_id: str, session_id: int) -> str | None:
        """The address of all that is stored of a texter; None while the API is left out."""
        if "sms_api_export" not in current_app.blueprints:
            return None
        return url_for("sms_api_export.export", assistant_id=assistant_id, session_id=session_id)

    def static(self, name: str) -> str:
        """The address of a static file; the version in it makes browsers fetch a new one after an update."""
        return url_for("illumichat_sms.static", filename=name, v=_version())

    def clock(self, workspace: Workspace) -> LocalClock:
        """Times as the workspace's clocks show them."""
        return LocalClock(workspace)

    def visible(self, text: str) -> str:
        """What others wrote, with the characters that nobody sees or that turn a line round written out."""
        return visible_text(text)

    def count(self, number: int, noun: str) -> Wording:
        """``1 text``, ``1,200 texts``."""
        return count(number, noun)

    def number(self, value: float | Decimal, places: int | None = None) -> Wording:
        """``1,234.5``, or with exactly so many places."""
        return Wording(lambda language: formats.decimal(value, language, places))

    def left(self, seconds: float) -> Markup:
        """How long something still lasts, in hours and minutes; counted down where scripts run."""
        minutes, less = max(int(seconds // 60), 0), say("less than a minute")
        words = figures_in_words.seconds(minutes * 60) if minutes else less
        return Markup('<span data-sms-left="{}" data-sms-less="{}">{}</span>').format(
            int(seconds), less, words
        )

    @property
    def counted(self) -> Markup:
        """For the place in which the script says how long a text is: its sentences, as attributes."""
        mms = say(
            "{characters} characters, an MMS, which counts as {n} segments.",
            characters="{characters}",
            n="{n}",
        )
        return Markup('data-sms-one="{}" data-sms-more="{}" data-sms-as-mms="{}" data-sms-cost="{}"').format(
            _length(1), _length(2, n="{n}"), mms, say("About {price}.", price="{price}")
        )


def _length(segments: int, **shown: str) -> Wording:
    return say_n(
        "{characters} characters, {alphabet}, {n} segment.",
        "{characters} characters, {alphabet}, {n} segments.",
        segments,
        characters="{characters}",
        alphabet="{alphabet}",
        **shown,
    )


@cache
def _version() -> str:
    return version("illumichat-sms-plugin")  # reads a file each time


def render(template: str, **context: Any) -> str:
    """Render ``illumichat_sms/<template>`` in the reader's language, with ``ui``, ``say``, ``say_n`` and the context.

    The host's templates are rendered with ours: they keep their own ``_`` and ``gettext``.
    """
    with speaking(page_language()):
        return render_template(
            f"illumichat_sms/{template}", ui=Ui(), say=say_html, say_n=say_html_n, **context
        )


def wants_fragment() -> bool:
    """Whether htmx asks, and gets the part of the page instead of the page."""
    return request.headers.get("HX-Request") == "true"
