"""The Doctor's runs and what each check found, so that any web process can show them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base, BigId, UtcDateTime, db_now

RUNNING = "finished_at IS NULL"


class SmsDoctorRun(Base):
    """One press of the button. At most one run of an assistant is unfinished."""

    __tablename__ = "sms_doctor_runs"
    __table_args__ = (
        Index(
            "uq_sms_doctor_runs_running",
            "assistant_id",
            unique=True,
            postgresql_where=text(RUNNING),
            sqlite_where=text(RUNNING),
        ),
        Index("ix_sms_doctor_runs_assistant_id_id", "assistant_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    assistant_id: Mapped[str] = mapped_column(String(64))
    started_by: Mapped[str] = mapped_column(String(120))
    checks: Mapped[list[str]] = mapped_column(JSON)
    """Names of the checks of this run, in the order in which they are shown."""
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SmsDoctorResult(Base):
    """What one check of a run found; written once, the first writer wins."""

    __tablename__ = "sms_doctor_results"
    __table_args__ = (UniqueConstraint("run_id", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("sms_doctor_runs.id"))
    name: Mapped[str] = mapped_column(String(40))
    result: Mapped[str] = mapped_column(String(8))
    """``ok``, ``warning``, ``problem`` or ``unknown``."""
    evidence: Mapped[str] = mapped_column(Text)
    fix: Mapped[str] = mapped_column(Text, default="")
    action: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """``{"label", "kind", "target"}``, see services/findings.py."""
    said: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What made the words of ``evidence``, ``fix`` and the action's ``label``, for other languages: languages/kept.py."""
    took: Mapped[int] = mapped_column(Integer, default=0)
    """Milliseconds."""
