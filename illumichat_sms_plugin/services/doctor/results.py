"""What the last run found, or has found so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from illumichat_sms_plugin.languages.kept import restore
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import SmsDoctorResult, SmsDoctorRun, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.services.audit import last_change
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.doctor.checks import TITLES
from illumichat_sms_plugin.services.doctor.run import OVERDUE
from illumichat_sms_plugin.services.findings import Action, Level

CUT_OFF = say("The process that looked at this ended before it was done.")
WORST_FIRST = (Level.PROBLEM, Level.WARNING, Level.UNKNOWN, Level.OK)


@dataclass(frozen=True, slots=True)
class ShownCheck:
    """A check of a run; ``level`` is None while it is being looked at."""

    name: str
    title: str
    level: Level | None
    evidence: str = ""
    fix: str = ""
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run. ``checks`` are in their order."""

    id: int
    started_at: datetime
    finished_at: datetime | None
    running: bool
    checks: Sequence[ShownCheck]

    @property
    def done(self) -> int:
        """How many checks have a result."""
        return sum(check.level is not None for check in self.checks)

    @property
    def worst(self) -> Level | None:
        """The worst level so far."""
        return next((level for level in WORST_FIRST if self.count(level)), None)

    def count(self, level: Level) -> int:
        """How many checks came to this level."""
        return Counter(check.level for check in self.checks)[level]


def last_run(assistant_id: str) -> Run | None:
    """The newest run of an assistant's channel, or None."""
    newest = (
        select(SmsDoctorRun.__table__, (SmsDoctorRun.started_at < db_now(-OVERDUE)).label("is_overdue"))
        .where(SmsDoctorRun.assistant_id == assistant_id)
        .order_by(SmsDoctorRun.id.desc())
        .limit(1)
    )
    with transaction() as connection:
        run = connection.execute(newest).first()
        if run is None:
            return None
        found = connection.execute(
            select(SmsDoctorResult.__table__).where(SmsDoctorResult.run_id == run.id)
        ).all()
    running = run.finished_at is None and not run.is_overdue
    by_name = {row.name: row for row in found}
    checks = [_shown(name, by_name, running=running) for name in run.checks]
    return Run(run.id, run.started_at, run.finished_at, running, checks)


def is_outdated(run: Run, assistant_id: str) -> bool:
    """Whether somebody has changed something about the channel since the run began."""
    channel_id = find_channel_id(assistant_id)
    newest = last_change(channel_id) if channel_id is not None else None
    return newest is not None and newest.created_at > run.started_at


def _shown(name: str, found: Mapping[str, Row[Any]], *, running: bool) -> ShownCheck:
    title = TITLES.get(name, name)
    row = found.get(name)
    if row is not None:
        said = row.said or {}
        evidence, fix = restore(said.get("evidence"), row.evidence), restore(said.get("fix"), row.fix)
        return ShownCheck(name, title, Level(row.result), evidence, fix, _action(row.action, said))
    if running:
        return ShownCheck(name, title, None)
    return ShownCheck(name, title, Level.UNKNOWN, CUT_OFF, say("Run the Doctor again."))


def _action(stored: dict[str, str] | None, said: Mapping[str, Any]) -> Action | None:
    if not stored:
        return None
    action = Action(**stored)  # type: ignore[arg-type]
    return replace(action, label=restore(said.get("label"), action.label))
