"""The language of a page: what the host says of the person who looks at it."""

from __future__ import annotations

import sys

from flask import current_app

from illumichat_sms_plugin.host import offered
from illumichat_sms_plugin.languages.language import Language, language_of
from illumichat_sms_plugin.runtime import current_runtime


def page_language() -> Language:
    """``pages.locale()`` of the host decides, or Flask-Babel where the host has that; else it is English."""
    locale = offered(current_runtime().host.pages, "locale")
    return language_of(locale() if locale is not None else _locale_of_flask_babel())


def _locale_of_flask_babel() -> object:
    """The host's, not ours: whoever has no Flask-Babel needs none."""
    flask_babel = sys.modules.get("flask_babel")
    if flask_babel is None or "babel" not in current_app.extensions:
        return None
    return flask_babel.get_locale()
