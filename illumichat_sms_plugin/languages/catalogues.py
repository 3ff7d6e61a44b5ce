"""The translations that come with the plugin, each loaded once."""

from __future__ import annotations

from gettext import GNUTranslations, NullTranslations
from pathlib import Path

DOMAIN = "illumichat_sms"
FOLDER = Path(__file__).parents[1] / "translations"
TRANSLATED = ("de", "es")

_loaded: dict[str, NullTranslations] = {"en": NullTranslations()}


def knows(words: str) -> bool:
    """Whether there is a catalogue for this language."""
    return words in TRANSLATED or words in _loaded


def catalogue(words: str) -> NullTranslations:
    """The catalogue of a language that is known."""
    if words not in _loaded:
        with (FOLDER / words / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as file:
            _loaded[words] = GNUTranslations(file)
    return _loaded[words]
