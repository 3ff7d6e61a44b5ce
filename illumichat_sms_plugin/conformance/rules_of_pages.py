"""What is optional in ``pages`` and no plain method: names, the policy, the language, the layout."""

from __future__ import annotations

from typing import Any

from jinja2 import TemplateError, TemplateNotFound

from illumichat_sms_plugin.conformance.requests_to_host import in_a_request
from illumichat_sms_plugin.conformance.trial import Trial, broken, well
from illumichat_sms_plugin.host import offered

NAMES = {"layout": "the name of a template", "support_url": "an address"}
"""Strings."""
VALUES = (*NAMES, "csp")
OUR_PAGES = "sms_settings"


def values_of_pages(trial: Trial) -> None:
    """Each is of its kind, and what is called for each page can be."""
    pages = offered(trial.host, "pages")
    for member, kind in NAMES.items():
        if not isinstance(offered(pages, member), str | None):
            broken("optional", f"pages.{member} is not {kind}")
    _policy(trial, offered(pages, "csp"))
    if (locale := offered(pages, "locale")) is not None:
        well("optional", "pages.locale", in_a_request, trial, locale)
    if (layout := offered(pages, "layout")) and OUR_PAGES in trial.app.blueprints:
        _template(trial, layout)


def _policy(trial: Trial, csp: Any) -> None:
    given = well("optional", "pages.csp", in_a_request, trial, csp) if callable(csp) else csp
    if not isinstance(given, str | None):
        broken(
            "optional", f"pages.csp is {type(given).__name__}, neither a policy nor a method that gives one"
        )


def _template(trial: Trial, layout: str) -> None:
    try:
        with trial.app.app_context():
            trial.app.jinja_env.get_template(layout)
    except TemplateNotFound:
        broken("optional", f"pages.layout is {layout!r}, and the app has no such template")
    except TemplateError as error:
        broken("optional", f"pages.layout is {layout!r}, and that is no template: {error}")
