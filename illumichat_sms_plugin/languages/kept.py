"""Sentences in the database: beside the English words what made them, so that a page can say them in another language."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from illumichat_sms_plugin.languages.wording import Wording, joined, say, say_n, translated


def keep(value: object) -> Any:
    """What made a sentence, for a JSON column; numbers and plain text as they are."""
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, int | float):
        return value
    text = str(value)  # an error's sentence is still a wording
    made_of = text.made_of if isinstance(text, Wording) else None
    if made_of is None:
        return str.__str__(text)
    if made_of[0] == "joined":
        return {"joined": keep(made_of[1]), "parts": [keep(part) for part in made_of[2]]}
    kept = {"say": made_of[1], "values": {name: keep(part) for name, part in made_of[-1].items()}}
    return kept | {"many": made_of[2], "n": made_of[3]} if made_of[0] == "say_n" else kept


def restore(kept: Any, english: str) -> str:
    """The sentence again, if it still says what was written down in English; else that."""
    try:
        made = _made(kept)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, ArithmeticError):
        return translated(english)
    return made if isinstance(made, Wording) and made == english else translated(english)


def _made(kept: Any) -> Any:
    if not isinstance(kept, Mapping):
        return kept
    if "decimal" in kept:
        return Decimal(kept["decimal"])
    if "joined" in kept:
        return joined(_made(kept["joined"]), [_made(part) for part in kept["parts"]])
    values = {name: _made(value) for name, value in kept["values"].items()}
    if "many" in kept:
        return say_n(kept["say"], kept["many"], kept["n"], **values)
    return say(kept["say"], **values)
