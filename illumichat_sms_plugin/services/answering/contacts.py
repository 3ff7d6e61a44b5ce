"""Link a session to a contact of the workspace, where the admin wants that."""

from __future__ import annotations

import logging
import time

from sqlalchemy import case, update
from sqlalchemy.exc import SQLAlchemyError

from illumichat_sms_plugin.choices import AnswerTo
from illumichat_sms_plugin.errors import HostMistaken, RateLimited
from illumichat_sms_plugin.host import TEXTERS, Contact, version_of
from illumichat_sms_plugin.models import SmsSession
from illumichat_sms_plugin.models.database import discreet_errors, patience, transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.runtime.host_call import host_call
from illumichat_sms_plugin.services.analytics.roll_up_sessions import count_contact
from illumichat_sms_plugin.services.analytics.rollup_state import lock_rollup
from illumichat_sms_plugin.services.answering.situation import OpenSession
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.host_ids import stored_id
from illumichat_sms_plugin.services.leases import named_lease
from illumichat_sms_plugin.services.rate_limit import spend

logger = logging.getLogger("illumichat_sms.contacts")

SOURCE = "sms"
CREATED_PER_HOUR = 200
"""So many contacts are created for one channel in an hour: numbers are cheap to forge, and contacts are the host's."""
CREATE_TRIES = 5
CREATE_PAUSE = 0.2
LEASE_TTL = 30.0


def link_contact(runtime: Runtime, channel: Channel, session: OpenSession) -> Contact | None:
    """The texter's contact: the linked one, as far as the host wants to hear of it, else one that is found or created.

    A failing host does not hold up the answer. Who wants no texts, such as somebody whose first one is STOP, is nobody
    to make a contact of.
    """
    options = channel.options
    only_contacts = options.answer_to == AnswerTo.CONTACTS
    # What is created must be looked for first.
    wanted = options.contact_matching or options.auto_create_contacts or only_contacts
    if session.contact_id is None and not wanted:
        return None
    try:
        with discreet_errors():
            if session.contact_id is not None:
                return _linked(runtime, channel, session.contact_id)
            create = options.auto_create_contacts and not (session.opted_out or only_contacts)
            contact, created = _find_or_create(runtime, channel, session.phone_number, create=create)
    except Exception:  # the host's code may raise anything; the texter is answered all the same
        logger.exception("session %s: the host could not look up its contact", session.id)
        return None
    if contact is None:
        return None
    try:
        with patience(runtime.settings.database_timeout):
            write_contact(channel.id, session.id, stored_id(contact.id, "a contact"), created=created)
    except HostMistaken as error:
        logger.error("session %s: its contact could not be written down: %s", session.id, error)
    except SQLAlchemyError:  # whoever counts stands still; the next text tries it again
        logger.exception("session %s: its contact could not be written down", session.id)
    return contact


def is_stranger(runtime: Runtime, channel: Channel, session: OpenSession) -> bool:
    """Whether the channel answers contacts only, and the texter is none now. Raises what the host raises."""
    if channel.options.answer_to != AnswerTo.CONTACTS:
        return False
    return _find(runtime, channel.workspace_id, session.phone_number) is None


def known_contact(runtime: Runtime, channel: Channel, number: str) -> Contact | None:
    """The contact with this number, where the channel looks for contacts. Nothing is created or linked."""
    options = channel.options
    wanted = options.contact_matching or options.answer_to == AnswerTo.CONTACTS
    return _find(runtime, channel.workspace_id, number) if wanted else None


def _linked(runtime: Runtime, channel: Channel, contact_id: str) -> Contact | None:
    """The contact that was linked before; a host of an older version is not asked, for it would not hear of it."""
    if version_of(runtime.host) < TEXTERS:
        return None
    with host_call():
        found = runtime.host.contacts.get(channel.workspace_id, [contact_id])
        return next(iter(found.values()), None)


def write_contact(channel_id: int, session_id: int, contact_id: str, *, created: bool = False) -> None:
    """Link a session to this contact, and have it counted as matched, or as one that was ``created``."""
    known = SmsSession.contact_id.is_not(None)
    with transaction() as connection:
        lock_rollup(connection, channel_id)  # before the session, as all who take both
        connection.execute(
            update(SmsSession)
            .where(SmsSession.id == session_id)
            .values(
                contact_id=contact_id,
                contact_created=case((known, SmsSession.contact_created), else_=created),
            )
        )
        count_contact(connection, channel_id, session_id, created=created)


def _find_or_create(
    runtime: Runtime, channel: Channel, number: str, *, create: bool
) -> tuple[Contact | None, bool]:
    """The contact, and whether it was made just now."""
    workspace_id = channel.workspace_id
    lease = f"contact/{runtime.secrets.digest(f'{workspace_id}/{number}')}"
    for _ in range(CREATE_TRIES):
        found = _find(runtime, workspace_id, number)
        if found is not None or not create:
            return found, False
        with named_lease(lease, LEASE_TTL) as held:
            if held:
                found = _find(runtime, workspace_id, number)
                return (found, False) if found is not None else (_create(runtime, channel, number), True)
        time.sleep(CREATE_PAUSE)
    return None, False


def _find(runtime: Runtime, workspace_id: str, number: str) -> Contact | None:
    with host_call():
        return runtime.host.contacts.find_by_number(workspace_id, number)


def _create(runtime: Runtime, channel: Channel, number: str) -> Contact | None:
    """A new contact; None when there were too many already: the next text tries it again."""
    try:
        spend(f"contacts/channel/{channel.id}", limit=CREATED_PER_HOUR, period=3600)
    except RateLimited:
        logger.warning("channel %s: no more contacts are created in this hour", channel.id)
        return None
    workspace_id = channel.workspace_id
    key = f"sms-{workspace_id}-{number}"
    with host_call():
        return runtime.host.contacts.create(workspace_id, number=number, source=SOURCE, key=key)
