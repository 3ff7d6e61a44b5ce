"""What a fresh host holds. Nothing here is secret or real.

Channels are not part of it: those belong to plugins and are connected by whoever starts the demo.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from demo.host.access import digest
from demo.host.contact_book import to_e164
from demo.host.models import (
    ApiKey,
    Assistant,
    Contact,
    KnowledgeDocument,
    Membership,
    Person,
    Workspace,
    now,
)

KNOWLEDGE = Path(__file__).parent / "knowledge"

WORKSPACES = (
    {"id": "ws_acme", "name": "Acme", "slug": "acme", "timezone": "America/New_York"},
    {"id": "ws_globex", "name": "Globex", "slug": "globex", "timezone": "Europe/Berlin"},
)
PEOPLE = (
    ("usr_acme_owner", "Olivia Stone", "owner@acme.test", "ws_acme", "owner"),
    ("usr_acme_admin", "Adrian Cole", "admin@acme.test", "ws_acme", "admin"),
    ("usr_acme_member", "Mia Fields", "member@acme.test", "ws_acme", "member"),
    ("usr_acme_guest", "Gus Harper", "guest@acme.test", "ws_acme", "guest"),
    ("usr_globex_admin", "Greta Lindt", "admin@globex.test", "ws_globex", "admin"),
)
"""Id, name, email, workspace, role."""
ASSISTANTS = (
    {
        "id": "ast_support",
        "workspace_id": "ws_acme",
        "name": "Acme Support",
        "instructions": "You help customers of Acme, a shop and repair workshop for coffee machines and kitchen "
        "appliances. Be friendly and brief. Never promise anything that the knowledge base does not say.",
        "welcome_message": "Hello! This is Acme Support. Ask me about opening hours, returns, shipping or repairs.",
    },
    {
        "id": "ast_sales",
        "workspace_id": "ws_acme",
        "name": "Acme Sales",
        "instructions": "You advise people who want to buy a coffee machine from Acme. Ask how many cups a day they "
        "make before you recommend one.",
        "welcome_message": "Hello! This is Acme Sales. Which coffee machine may I tell you about?",
    },
    {
        "id": "ast_globex",
        "workspace_id": "ws_globex",
        "name": "Globex Helpdesk",
        "instructions": "You help the staff of Globex with IT and HR questions. Be precise and brief.",
        "welcome_message": "Hello, this is the Globex Helpdesk. What can I help you with?",
    },
)
API_KEYS = {"ws_acme": "wsk_live_acme", "ws_globex": "wsk_live_globex"}
CONTACTS = (
    ("con_dana", "ws_acme", "Dana Reyes", "dana@example.com", "(555) 765-0001"),
    ("con_priya", "ws_acme", "Priya Nair", "priya@example.com", "+1 555 010 0777"),
    ("con_tom", "ws_acme", "Tom Becker", "tom@example.com", ""),
    ("con_lena", "ws_globex", "Lena Vogt", "lena@example.com", "+49 30 5550 123"),
)
"""Id, workspace, name, email, phone as somebody typed it."""


def seed(session: Session) -> int:
    """Add what is missing and leave everything else as it is; returns how many things were added."""
    before = now()
    added = sum(_add(session, Workspace, **values) for values in WORKSPACES)
    for person_id, name, email, workspace_id, role in PEOPLE:
        added += _add(session, Person, id=person_id, name=name, email=email)
        _add(session, Membership, workspace_id=workspace_id, person_id=person_id, role=role)
    for workspace_id, key in API_KEYS.items():
        added += _add_key(session, workspace_id, key)
    for values in ASSISTANTS:
        if _add(session, Assistant, **values):
            added += 1
            for number, (title, text) in enumerate(knowledge_of(values["id"])):
                document_id = f"doc_{values['id'].removeprefix('ast_')}_{number + 1:02}"
                # A millisecond apart, so that they keep their order.
                created_at = before + timedelta(milliseconds=number)
                _add(
                    session,
                    KnowledgeDocument,
                    id=document_id,
                    assistant_id=values["id"],
                    title=title,
                    text=text,
                    created_at=created_at,
                )
    for contact_id, workspace_id, name, email, phone in CONTACTS:
        added += _add(
            session,
            Contact,
            id=contact_id,
            workspace_id=workspace_id,
            key=contact_id,
            name=name,
            email=email,
            phone=phone,
            phone_e164=to_e164(phone),
        )
    return added


def knowledge_of(assistant_id: str) -> Iterator[tuple[str, str]]:
    """Title and text of each document of a seeded assistant."""
    written = (KNOWLEDGE / f"{assistant_id}.md").read_text(encoding="utf-8")
    for section in re.split(r"^# ", written, flags=re.MULTILINE)[1:]:
        title, _, text = section.partition("\n")
        yield title.strip(), text.strip()


def _add(session: Session, model: type[Any], **values: Any) -> bool:
    identity = [values[column.key] for column in model.__table__.primary_key.columns]
    if session.get(model, tuple(identity)) is not None:
        return False
    session.add(model(**values))
    session.flush()
    return True


def _add_key(session: Session, workspace_id: str, key: str) -> bool:
    if session.scalars(select(ApiKey).where(ApiKey.digest == digest(key))).one_or_none() is not None:
        return False
    return _add(
        session,
        ApiKey,
        id=f"key_{workspace_id}",
        workspace_id=workspace_id,
        name="Demo key",
        digest=digest(key),
    )
