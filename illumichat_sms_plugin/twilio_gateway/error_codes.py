"""What Twilio's error codes mean to the people who run the channel.

Twilio may change which code a cause gets, so the codes serve explanations and coarse policy only:
https://www.twilio.com/docs/api/errors
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from illumichat_sms_plugin.languages.wording import say, translated

REGION_NOT_ENABLED = 21408
"""The account may not send to the country of the number."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One code, in words for an admin. ``code`` is None where Twilio gave none."""

    code: int | None
    name: str
    meaning: str
    admin_action: str
    needs_admin: bool = False
    """Whether texts keep failing with it until an admin changes something."""
    shuts_out: bool = False
    """Whether Twilio refuses whatever the account asks: wrong credentials, an account that is not active."""
    opt_out: bool = False
    """Whether it says that the texter does not want texts any more."""

    @property
    def sentence(self) -> str:
        """Name, meaning and code in one line."""
        if self.code is None:
            return say("{name}: {meaning}", name=self.name, meaning=self.meaning)
        code = str(self.code)
        return say("{name}: {meaning} (Twilio error {code})", name=self.name, meaning=self.meaning, code=code)

    @property
    def link(self) -> str:
        """Twilio's own page on the code."""
        return "https://www.twilio.com/docs/api/errors" + (f"/{self.code}" if self.code is not None else "")


def explain(code: int | None) -> Explanation:
    """The explanation of any code; an unknown one gets a general sentence and Twilio's page."""
    if code is None:
        return Explanation(
            None,
            say("No error code"),
            say("Twilio gave no reason."),
            say("Look the message up in the Twilio console."),
        )
    known = _explanations().get(code)
    if known is not None:
        return known
    return Explanation(
        code,
        say("Unlisted error"),
        say("Twilio reports an error that has no explanation here."),
        say("Read https://www.twilio.com/docs/api/errors/{code}.", code=str(code)),
    )


def needs_admin(code: int | None) -> bool:
    """Whether texts keep failing with this code until an admin changes something."""
    return explain(code).needs_admin


@cache
def shut_out_codes() -> frozenset[int]:
    """The codes with which Twilio refuses whatever the account asks: wrong token, account not active."""
    return frozenset(code for code, known in _explanations().items() if known.shuts_out)


def sender_codes() -> frozenset[int]:
    """The codes with which Twilio refuses a number as sender: it may have left the account."""
    return frozenset({21606, 21659, 21660, 21661})


def concerns_one_number(code: int | None) -> bool:
    """Whether the code says something of the number that was texted, and not of every text that follows."""
    return code == REGION_NOT_ENABLED or not needs_admin(code)


def is_opt_out(code: int | None) -> bool:
    """Whether the code says that the texter does not want texts any more."""
    return explain(code).opt_out


@cache
def _explanations() -> dict[int, Explanation]:
    text = files(__package__).joinpath("error_codes.json").read_text(encoding="utf-8")
    return {entry["code"]: Explanation(**(entry | _words(entry))) for entry in json.loads(text)}


def _words(entry: dict[str, Any]) -> dict[str, str]:
    """What is said of a code; ``tools/words.py`` collects it for the translations."""
    return {name: translated(entry[name]) for name in ("name", "meaning", "admin_action")}
