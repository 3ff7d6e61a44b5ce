"""The language in which a person sees the pages of plugins: ``?lang=de`` on any page, kept in the session.

The host's own pages are in English.
"""

from __future__ import annotations

from flask import Flask, request, session

LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español"}


def chosen() -> str:
    """The person's language."""
    found: str = session.get("language", "en")
    return found


def init_app(app: Flask) -> None:
    """Take the choice from any page's address, and offer it in the menu."""
    app.before_request(choose)
    app.context_processor(lambda: {"languages": LANGUAGES, "language": chosen()})


def choose() -> None:
    """Keep what ``?lang=`` asks for."""
    if request.args.get("lang") in LANGUAGES:
        session["language"] = request.args["lang"]
