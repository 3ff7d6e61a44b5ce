"""Which language a page is shown in. Outside of a page everything is English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from illumichat_sms_plugin.languages.catalogues import knows


class Language(NamedTuple):
    """``words`` names a catalogue (``de``), ``formats`` the locale for numbers and days (``de_AT``)."""

    words: str
    formats: str

    @property
    def tag(self) -> str:
        """For ``lang=""`` in HTML."""
        return self.words


ENGLISH = Language("en", "en")

_spoken: ContextVar[Language] = ContextVar("illumichat_sms_language", default=ENGLISH)


def spoken() -> Language:
    """The language of the page that is being rendered; English elsewhere."""
    return _spoken.get()


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Show every wording in this language."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def language_of(locale: object) -> Language:
    """What is nearest to a host's locale, such as ``de``, ``de_AT``, ``de-AT.UTF-8`` or Babel's ``Locale``."""
    parts = re.split(r"[-_]", re.split(r"[.@]", str(locale or ""))[0])
    words = parts[0].lower()
    if words == ENGLISH.words or not knows(words):
        return ENGLISH
    return Language(words, _formats("_".join([words, *parts[1:]])) or words)


def _formats(name: str) -> str | None:
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(name))
    except (UnknownLocaleError, ValueError):
        return None
