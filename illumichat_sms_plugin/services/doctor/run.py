"""Run all checks side by side, and write each result down as it comes.

The web process that was asked runs them in threads of its own; the page of any process reads the
table. A check that hangs is reported as such and delays no other: its thread is left alone, and
what it finds too late is not written down any more.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence

from flask import Flask, current_app
from sqlalchemy import Connection, delete, select, text, update

from illumichat_sms_plugin.errors import Conflict, SmsError
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.languages.kept import keep
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import SmsDoctorResult, SmsDoctorRun, db_now
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.models.doctor import RUNNING
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services import audit
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.doctor.checks import CHECKS, Check
from illumichat_sms_plugin.services.doctor.examination import Examination
from illumichat_sms_plugin.services.findings import Finding, unknown
from illumichat_sms_plugin.services.rate_limit import spend

logger = logging.getLogger("illumichat_sms.doctor")

BOUND = 12.0
"""Seconds that a check may take."""
OVERDUE = 45.0
"""Seconds after which a run that is not finished was left behind by a process that died."""
KEPT_RUNS = 10
RUNS, PERIOD = 20, 600
"""How often a person may start the Doctor in so many seconds."""
ALREADY_RUNNING = say("The Doctor is examining this channel already.")


def start_run(
    assistant_id: str,
    *,
    by: Person,
    checks: Sequence[Check] = CHECKS,
    bound: float = BOUND,
) -> int:
    """Begin a run and return its id at once. Conflict while one is running, RateLimited."""
    spend(f"doctor/person/{by.id}", limit=RUNS, period=PERIOD)
    run_id = _open_run(assistant_id, by, [check.name for check in checks])
    _note(assistant_id, by)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    examiner = threading.Thread(
        target=_examine,
        args=(app, assistant_id, run_id, checks, bound),
        name="sms-doctor",
        daemon=True,
    )
    examiner.start()
    return run_id


def _note(assistant_id: str, by: Person) -> None:
    channel_id = find_channel_id(assistant_id)
    if channel_id is not None:
        with transaction() as connection:
            audit.record(connection, channel_id, by, "doctor_run")


def _open_run(assistant_id: str, by: Person, names: list[str]) -> int:
    with transaction() as connection:
        connection.execute(
            update(SmsDoctorRun)
            .where(
                SmsDoctorRun.assistant_id == assistant_id,
                SmsDoctorRun.finished_at.is_(None),
                SmsDoctorRun.started_at < db_now(-OVERDUE),
            )
            .values(finished_at=db_now())
        )
        _forget_old_runs(connection, assistant_id)
        opened = connection.execute(
            insert_or_conflict(connection, SmsDoctorRun)
            .values(assistant_id=assistant_id, started_by=by.id[:120], checks=names)
            .on_conflict_do_nothing(index_elements=[SmsDoctorRun.assistant_id], index_where=text(RUNNING))
            .returning(SmsDoctorRun.id)
        ).first()
    if opened is None:
        raise Conflict(ALREADY_RUNNING)
    run_id: int = opened.id
    return run_id


def _forget_old_runs(connection: Connection, assistant_id: str) -> None:
    old = (
        select(SmsDoctorRun.id)
        .where(SmsDoctorRun.assistant_id == assistant_id)
        .order_by(SmsDoctorRun.id.desc())
        .offset(KEPT_RUNS - 1)
    )
    gone = connection.scalars(old).all()
    connection.execute(delete(SmsDoctorResult).where(SmsDoctorResult.run_id.in_(gone)))
    connection.execute(delete(SmsDoctorRun).where(SmsDoctorRun.id.in_(gone)))


def _examine(app: Flask, assistant_id: str, run_id: int, checks: Sequence[Check], bound: float) -> None:
    deadline = time.monotonic() + bound
    with app.app_context():
        exam = Examination.begin(current_runtime(), assistant_id)
        threads = [
            (
                check,
                threading.Thread(
                    target=_check,
                    args=(app, exam, run_id, check, deadline),
                    name=f"sms-doctor-{check.name}",
                    daemon=True,
                ),
            )
            for check in checks
        ]
        for _, thread in threads:
            thread.start()
        for check, thread in threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
            if thread.is_alive():
                _write(run_id, check.name, _took_too_long(bound), bound)
        with transaction() as connection:
            connection.execute(
                update(SmsDoctorRun).where(SmsDoctorRun.id == run_id).values(finished_at=db_now())
            )


def _check(app: Flask, exam: Examination, run_id: int, check: Check, deadline: float) -> None:
    started = time.monotonic()
    with app.app_context():
        try:
            found = check.run(exam)
        except SmsError as error:
            found = unknown(str(error))
        except Exception as error:  # one check that breaks must not hide what the others find
            logger.exception("the check %s broke", check.name)
            found = unknown(
                say("This could not be looked at ({error}); the log says more.", error=type(error).__name__)
            )
        if time.monotonic() < deadline:
            _write(run_id, check.name, found, time.monotonic() - started)


def _took_too_long(bound: float) -> Finding:
    return unknown(
        say("This took longer than {seconds} seconds and was given up.", seconds=f"{bound:.0f}"),
        say("Run the Doctor again. If it stays so, what is looked at here hangs or is overloaded."),
    )


def _write(run_id: int, name: str, found: Finding, seconds: float) -> None:
    """Write a result down; the first one stands."""
    action = found.action
    with transaction() as connection:
        connection.execute(
            insert_or_conflict(connection, SmsDoctorResult)
            .values(
                run_id=run_id,
                name=name,
                result=found.level.value,
                evidence=found.evidence,
                fix=found.fix,
                action=action and {"label": action.label, "kind": action.kind, "target": action.target},
                said={
                    "evidence": keep(found.evidence),
                    "fix": keep(found.fix),
                    "label": keep(action.label if action else ""),
                },
                took=int(seconds * 1000),
            )
            .on_conflict_do_nothing(index_elements=[SmsDoctorResult.run_id, SmsDoctorResult.name])
        )
