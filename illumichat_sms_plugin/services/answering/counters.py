"""How many answers a texter got, and how often the assistant was asked. Both are counted in the session's locked row.

A period begins with the first answer or call that is counted in it. The next one begins after it has ended.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, or_

from illumichat_sms_plugin.models import SmsSession, db_now

PERIODS = {"hour": 3600.0, "day": 86400.0}


def one_answer_more() -> dict[str, Any]:
    """The columns to UPDATE in the session to count one answer."""
    return _one_more("answers", 1)


def calls_more() -> dict[str, Any]:
    """The same for asking the assistant; the parameter ``calls`` says how often."""
    return _one_more("calls", bindparam("calls"))


def _one_more(what: str, more: Any) -> dict[str, Any]:
    other = "calls" if what == "answers" else "answers"
    values: dict[str, Any] = {}
    for period, seconds in PERIODS.items():
        begun: Any = getattr(SmsSession, f"{period}_from")
        over: ColumnElement[bool] = or_(begun.is_(None), begun <= db_now(-seconds))
        counted, beside = getattr(SmsSession, f"{period}_{what}"), getattr(SmsSession, f"{period}_{other}")
        values |= {
            f"{period}_from": case((over, db_now()), else_=begun),
            f"{period}_{what}": case((over, more), else_=counted + more),
            f"{period}_{other}": case((over, 0), else_=beside),
        }
    return values
