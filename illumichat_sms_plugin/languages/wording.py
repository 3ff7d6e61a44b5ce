"""Sentences that are English for programs, and in the reader's language on a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from illumichat_sms_plugin.languages.catalogues import catalogue
from illumichat_sms_plugin.languages.formats import decimal
from illumichat_sms_plugin.languages.language import ENGLISH, Language, spoken


class Wording(str):
    """English text. A template shows it in the language of the page.

    Everything else sees a string: logs, JSON, the database, commands, ``==``. What makes a new string of it
    (an f-string, ``.lower()``) makes an English one; join wordings with ``+``, ``joined`` or as values of another.
    ``str()`` leaves it as it is, so that an error's sentence is still one.
    """

    __slots__ = ("_tell", "made_of")

    _tell: Callable[[Language], str]
    made_of: tuple[Any, ...] | None
    """What made it, for ``kept.py``: the function's name and its arguments; None for what cannot be kept."""

    def __new__(cls, tell: Callable[[Language], str], made_of: tuple[Any, ...] | None = None) -> Wording:
        """``tell`` gives the text in a language; it is called again for each."""
        self = super().__new__(cls, tell(ENGLISH))
        self._tell = tell
        self.made_of = made_of
        return self

    def told(self, language: Language) -> str:
        """The text in this language."""
        return str.__str__(self) if language == ENGLISH else self._tell(language)

    def __str__(self) -> str:
        return self

    def __html__(self) -> str:
        return escape(self.told(spoken()))

    def __add__(self, other: str) -> Wording:
        return joined("", (self, other))

    def __radd__(self, other: str) -> Wording:
        return joined("", (other, self))

    def __copy__(self) -> Wording:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Wording:
        return self

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str.__str__(self),)


def say(message: str, /, **values: object) -> Wording:
    """A sentence. ``{name}`` in it stands for a value: a wording, a number (``1,200``), or text as it is.

    A number that is a code is given as text: ``say("Twilio says {code}.", code=str(code))``.
    """
    return Wording(
        lambda language: _filled(catalogue(language.words).gettext(message), values, language),
        ("say", message, values),
    )


def say_n(one: str, many: str, n: int, /, **values: object) -> Wording:
    """A sentence about ``n`` things, which ``{n}`` stands for: ``say_n("{n} text", "{n} texts", 3)``."""
    values = {"n": n, **values}
    return Wording(
        lambda language: _filled(catalogue(language.words).ngettext(one, many, n), values, language),
        ("say_n", one, many, n, values),
    )


def say_html(message: str, /, **values: object) -> Markup:
    """What templates know as ``say``: the message is HTML, its values are escaped. In the language of the page."""
    return _filled_html(catalogue(spoken().words).gettext(message), values)


def say_html_n(one: str, many: str, n: int, /, **values: object) -> Markup:
    """What templates know as ``say_n``."""
    return _filled_html(catalogue(spoken().words).ngettext(one, many, n), {"n": n, **values})


def joined(separator: str, parts: Iterable[str]) -> Wording:
    """Texts and wordings one after the other."""
    kept = tuple(parts)
    return Wording(
        lambda language: told(separator, language).join(told(part, language) for part in kept),
        ("joined", separator, kept),
    )


def translated(english: str) -> Wording:
    """A whole sentence that was kept as text, such as one from the database; English where it is in no catalogue."""
    return say(english) if english else joined("", ())


def told(value: object, language: Language) -> str:
    """A value of a sentence in this language."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return decimal(value, language, _places(value))
    text = str(value)  # an error's sentence is still a wording
    return text.told(language) if isinstance(text, Wording) else text


def _places(value: float | Decimal) -> int | None:
    """An amount such as 2.50 keeps its last digit."""
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    return -exponent if isinstance(exponent, int) and exponent < 0 else None


def _filled(message: str, values: dict[str, object], language: Language) -> str:
    if not values:
        return message
    return message.format(**{name: told(value, language) for name, value in values.items()})


def _filled_html(message: str, values: dict[str, object]) -> Markup:
    if not values:
        return Markup(message)  # noqa: S704 - ours: from a template or a catalogue
    shown = {
        name: value if hasattr(value, "__html__") else told(value, spoken()) for name, value in values.items()
    }
    return Markup(message).format(**shown)  # noqa: S704 - the message is ours, the values are escaped
