"""The kinds of a channel's options: what each accepts, how it is written in a form, a column and a sentence."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from illumichat_sms_plugin.destinations import COUNTRIES, EVERY
from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.in_words import count
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.option_places import Audience, Section
from illumichat_sms_plugin.phone_number import to_e164

AMOUNT = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,4})?")
MOST_DIGITS = 9
"""Digits of a number that are read; a longer one is too large whatever follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option(ABC):
    """One option. ``name`` is the column's; a field of ChannelOptions gives ``name`` and ``default``."""

    label: str
    help: str
    """What it does and what its values mean, in sentences that are true in the form and in the API alike."""
    section: Section = Section.OPTIONS
    seen_by: Audience = Audience.ADMINS
    name: str = ""
    default: Any = None
    kind: ClassVar[str]
    """Its name in ``settings/_option.html``, which shows it."""
    is_long: ClassVar[bool] = False
    """Whether its value is too long for a summary of several options."""

    @abstractmethod
    def check(self, value: Any) -> Any:
        """The column's value for ``value``; InvalidInput says what is wrong with it."""

    def of_column(self, stored: Any) -> Any:
        """The option's value for a column's."""
        return stored

    def typed(self, value: Any) -> str:
        """``value`` as text, as a form shows it."""
        return str(value)

    @abstractmethod
    def parse(self, typed: str) -> Any:
        """The value that ``typed`` means, for :meth:`check`; InvalidInput when it means none."""

    def of_form(self, form: Mapping[str, str]) -> str:
        """What was typed, from a form that was sent."""
        return form.get(self.name, "").replace("\r\n", "\n")

    def in_words(self, stored: Any) -> str:
        """A column's value in a sentence; its white space does not matter there."""
        return " ".join(str(stored).split()) or say("none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch(Option):
    """On or off."""

    kind = "switch"

    def check(self, value: bool) -> bool:
        """``value`` itself."""
        return bool(value)

    def typed(self, value: bool) -> str:
        """``on`` or ``off``."""
        return "on" if value else "off"

    def parse(self, typed: str) -> bool:
        """True for ``on``."""
        if typed.strip().lower() not in ("on", "off"):
            raise InvalidInput(say("Say on or off."))
        return typed.strip().lower() == "on"

    def of_form(self, form: Mapping[str, str]) -> str:
        """A browser does not send a box that is not ticked."""
        return "on" if self.name in form else "off"

    def in_words(self, stored: bool) -> str:
        """``on`` or ``off``."""
        return say("on") if stored else say("off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Length(Option):
    """The length of a text in characters, from ``low`` to ``high``."""

    low: int
    high: int
    kind = "length"

    @property
    def wrong(self) -> Mapping[str, str]:
        """What is said of a length that cannot be used; the form's script says the same."""
        return {
            "none": say("Enter a number of characters, such as 306."),
            "low": say("Too short: choose at least {low} characters.", low=str(self.low)),
            "high": say("Too long: choose at most {high} characters.", high=str(self.high)),
        }

    def check(self, value: int) -> int:
        """A length between the limits."""
        if value <= 0:
            raise InvalidInput(self.wrong["none"])
        if not self.low <= value <= self.high:
            raise InvalidInput(self.wrong["low" if value < self.low else "high"])
        return value

    def accepts(self, typed: str) -> bool:
        """Whether ``typed`` is a length between the limits."""
        return self.low <= self.parse(typed) <= self.high

    def parse(self, typed: str) -> int:
        """The number; 0, which :meth:`check` refuses, for what is not a whole number."""
        digits = typed.strip()
        return int(digits[:MOST_DIGITS]) if digits.isascii() and digits.isdigit() else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Option):
    """A whole number from ``low`` to ``high``. ``unit`` is its plural, ``zero`` what 0 means, ``least`` the smallest one besides."""

    low: int
    high: int
    least: int = 0
    unit: str = ""
    zero: str = ""
    kind = "number"

    def check(self, value: int) -> int:
        """A number between the limits."""
        low, least, high = str(self.low), str(self.least), str(self.high)
        if not self.low <= value <= self.high:
            raise InvalidInput(say("Enter a whole number from {low} to {high}.", low=low, high=high))
        if 0 < value < self.least:
            wrong = say("Enter 0, or a whole number from {least} to {high}.", least=least, high=high)
            raise InvalidInput(wrong)
        return value

    def parse(self, typed: str) -> int:
        """The number; -1, which :meth:`check` refuses, for what is not a whole number."""
        digits = typed.strip()
        return int(digits[:MOST_DIGITS]) if digits.isascii() and digits.isdigit() else -1

    def in_words(self, stored: int) -> str:
        """With the unit: ``30 days``, ``never``."""
        if stored == 0 and self.zero:
            return self.zero
        return count(stored, self.unit.removesuffix("s")) if self.unit else str(stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount(Option):
    """An amount of money, such as ``0.10``, or None for no limit. A column holds it as text."""

    highest: int = 1_000_000
    kind = "amount"

    def check(self, value: str | None) -> str | None:
        """The amount as short as it can be written; None for an empty one."""
        text = (value or "").strip()
        if not text:
            return None
        if not AMOUNT.fullmatch(text) or not 0 < Decimal(text) <= self.highest:
            raise InvalidInput(
                say(
                    "Enter an amount such as 2.50, at most {most}; empty means no limit.",
                    most=str(self.highest),
                )
            )
        return format(Decimal(text).normalize(), "f")

    def typed(self, value: str | None) -> str:
        """The amount, or nothing."""
        return value or ""

    def parse(self, typed: str) -> str | None:
        """``typed`` with a point for the decimal comma."""
        return typed.strip().replace(",", ".") or None

    def in_words(self, stored: str | None) -> str:
        """The amount, or ``no limit``."""
        return stored or say("no limit")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWords(Option):
    """A text of the channel's own, or None for ``usual``."""

    usual: str
    longest: int
    rows: int
    kind = "words"
    is_long = True

    def check(self, value: str | None) -> str | None:
        """The text without white space around it; None for an empty one and for the usual one."""
        text = (value or "").replace("\x00", "").strip()
        if len(text) > self.longest:
            raise InvalidInput(
                say(
                    "At most {longest} characters, these are {length}.",
                    longest=str(self.longest),
                    length=str(len(text)),
                )
            )
        return None if text in ("", self.usual.strip()) else text

    def typed(self, value: str | None) -> str:
        """The text that is in force."""
        return value or self.usual

    def parse(self, typed: str) -> str:
        """``typed`` itself."""
        return typed

    def in_words(self, stored: str | None) -> str:
        """The text in one line."""
        return " ".join(stored.split()) if stored else say("the usual ones")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines(Option):
    """Words or phrases, one per line; a column holds them joined by line ends."""

    most: int
    longest: int
    kind = "lines"
    is_long = True

    def check(self, value: Collection[str] | None) -> str:
        """The phrases as a column holds them, without empty ones."""
        cleaned = (" ".join(word.replace("\x00", "").split()) for word in value or ())
        words = [word for word in cleaned if word]
        if len(words) > self.most or any(len(word) > self.longest for word in words):
            raise InvalidInput(
                say(
                    "At most {most} words of {longest} characters.",
                    most=str(self.most),
                    longest=str(self.longest),
                )
            )
        return "\n".join(words)

    def of_column(self, stored: str | None) -> tuple[str, ...]:
        """The phrases."""
        return tuple(stored.split("\n")) if stored else ()

    def typed(self, value: Collection[str]) -> str:
        """One per line."""
        return "\n".join(value)

    def parse(self, typed: str) -> tuple[str, ...]:
        """One phrase per line; checking leaves out the empty ones."""
        return tuple(typed.split("\n"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Countries(Lines):
    """Countries by their ISO 3166 codes, ``*`` for every one; none for what the number itself says."""

    most: int = 300
    longest: int = 2

    def check(self, value: Collection[str] | None) -> str:
        """The codes as a column holds them, each once, in upper case."""
        codes = sorted({code for entry in value or () for code in entry.upper().replace(",", " ").split()})
        if unknown := [code for code in codes if code not in COUNTRIES and code != EVERY]:
            raise InvalidInput(
                say(
                    "There is no country {code}. Write codes of two letters such as US, CA or FR, or * for every country.",
                    code=unknown[0][:20],
                )
            )
        return EVERY if EVERY in codes else "\n".join(codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers(Lines):
    """Phone numbers in any spelling with the country code, one per line."""

    most: int = 500
    longest: int = 16

    def check(self, value: Collection[str] | None) -> str:
        """The numbers as a column holds them, each once, in E.164."""
        numbers = dict.fromkeys(to_e164(line) for line in value or () if line.strip())
        if len(numbers) > self.most:
            raise InvalidInput(say("At most {most} numbers.", most=str(self.most)))
        return "\n".join(numbers)
