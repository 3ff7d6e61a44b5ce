"""Values for options of a channel."""

from __future__ import annotations

from typing import Any

from illumichat_sms_plugin.choices import Choice
from illumichat_sms_plugin.option_kinds import (
    Amount,
    Countries,
    Length,
    Lines,
    Number,
    Numbers,
    Option,
    OwnWords,
    Switch,
)


def another(option: Option) -> Any:  # noqa: PLR0911 - one for each kind
    """A value that is not the default."""
    match option:
        case Switch():
            return not option.default
        case Length() | Number():
            return option.low if option.low != option.default else option.high
        case Choice(labels=labels):
            return list(labels)[1]
        case Amount():
            return "2.5"
        case OwnWords():
            return "Words of our own."
        case Numbers():
            return ("+15557654321",)
        case Countries():
            return ("CA", "FR")
        case Lines():
            return ("ARRET", "PARAR")
    raise TypeError(option)
