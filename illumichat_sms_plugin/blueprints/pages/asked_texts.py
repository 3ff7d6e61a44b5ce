"""Which texts a list of sessions is asked for: a link of the analytics leads to those that it counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from illumichat_sms_plugin.host import Workspace
from illumichat_sms_plugin.languages import formats
from illumichat_sms_plugin.languages.wording import Wording, say
from illumichat_sms_plugin.local_days import PERIODS
from illumichat_sms_plugin.models.database import read_now
from illumichat_sms_plugin.no_reply import NoReply
from illumichat_sms_plugin.services.no_reply import explain_reason
from illumichat_sms_plugin.services.sessions.text_filter import TextFilter, text_filter
from illumichat_sms_plugin.twilio_gateway.error_codes import explain

_DAYS = {str(days): days for days in range(1, PERIODS[-1] + 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedTexts:
    """As the address says it; what it says wrongly counts as not said."""

    days: int = PERIODS[-1]
    day: date | None = None
    code: int | None = None
    reason: str | None = None

    @classmethod
    def of(cls, args: Mapping[str, str]) -> AskedTexts:
        """From the arguments of an address."""
        code = args.get("code", "")
        return cls(
            days=_DAYS.get(args.get("days", ""), PERIODS[-1]),
            day=_day(args.get("day", "")),
            code=int(code) if code.isascii() and code.isdigit() and len(code) <= 6 else None,
            reason=args.get("reason") if args.get("reason") in list(NoReply) else None,
        )

    def as_filter(self, workspace: Workspace) -> TextFilter:
        """As days of the workspace."""
        return text_filter(
            workspace, read_now(), days=self.days, day=self.day, code=self.code, reason=self.reason
        )

    @property
    def again(self) -> dict[str, Any]:
        """The arguments of an address that asks the same."""
        values = {
            "days": self.days if self.days != PERIODS[-1] else None,
            "day": self.day,
            "code": self.code,
            "reason": self.reason,
        }
        return {name: value for name, value in values.items() if value is not None}

    def in_words(self, texts: TextFilter) -> str:
        """What ``texts``, which were made of this, are: such as ``Carrier filtered it, in the last 30 days``."""
        what = None
        if self.code is not None:
            what = explain(self.code or None).name
        elif self.reason is not None:
            what = explain_reason(self.reason).title
        if texts.day:
            day = long_day(texts.day)
            return say("{what}, on {day}", what=what, day=day) if what else say("on {day}", day=day)
        if self.days == 1:
            return say("{what}, today", what=what) if what else say("today")
        days = str(self.days)
        if what:
            return say("{what}, in the last {days} days", what=what, days=days)
        return say("in the last {days} days", days=days)


def long_day(day: date) -> Wording:
    """``July 3``."""
    return Wording(lambda language: formats.day(day, "MMMMd", language))


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if len(typed) == 10 else None
    except ValueError:
        return None
