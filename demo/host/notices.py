"""Tell the people of a workspace that something is the matter: at the bell of every page, and by mail."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from demo.host.database import transaction
from demo.host.models import Assistant, Mail, Membership, Notice, Role, new_id


def notify(workspace_id: str, assistant_id: str, *, kind: str, sentence: str, url: str, key: str) -> None:
    """Ring the bell and write the mail, once for a key; an assistant that is gone interests nobody."""
    notice = Notice(
        id=new_id("ntc"),
        workspace_id=workspace_id,
        assistant_id=assistant_id,
        key=key,
        kind=kind,
        sentence=sentence,
        url=url,
    )
    with suppress(IntegrityError), transaction() as session:  # whoever said it first has said it
        assistant = session.get(Assistant, assistant_id)
        if assistant is None or session.scalar(select(Notice.id).where(Notice.key == key)) is not None:
            return
        session.add(notice)
        session.add(
            Mail(
                id=new_id("ml"),
                workspace_id=workspace_id,
                to=", ".join(_addresses(session, workspace_id)),
                subject=f"{assistant.name}: {sentence}",
                body=f"{sentence}\n\n{url}" if url else sentence,
            )
        )


def unread(session: Session, workspace_id: str) -> int:
    """How many notices nobody of the workspace has read."""
    count = select(func.count()).where(Notice.workspace_id == workspace_id, Notice.read_at.is_(None))
    return session.scalar(count) or 0


def _addresses(session: Session, workspace_id: str) -> list[str]:
    members = select(Membership).where(Membership.workspace_id == workspace_id)
    people = [one.person for one in session.scalars(members) if Role(one.role).reaches(Role.ADMIN)]
    return sorted(person.email for person in people)
