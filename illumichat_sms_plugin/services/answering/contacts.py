"""Link a session to a contact of the workspace, where the admin wants that."""

from __future__ import annotations

import logging
import time

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from illumichat_sms_plugin.errors import RateLimited
from illumichat_sms_plugin.models import SmsSession
from illumichat_sms_plugin.models.database import discreet_errors, patience, transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.runtime.host_call import host_call
from illumichat_sms_plugin.services.analytics.roll_up_sessions import count_contact
from illumichat_sms_plugin.services.analytics.rollup_state import lock_rollup
from illumichat_sms_plugin.services.answering.situation import OpenSession
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.leases import named_lease
from illumichat_sms_plugin.services.rate_limit import spend

logger = logging.getLogger("illumichat_sms.contacts")

SOURCE = "sms"
CREATED_PER_HOUR = 200
"""So many contacts are created for one channel in an hour: numbers are cheap to forge, and contacts are the host's."""
CREATE_TRIES = 5
CREATE_PAUSE = 0.2
LEASE_TTL = 30.0


def link_contact(runtime: Runtime, channel: Channel, session: OpenSession) -> None:
    """Find the sender's contact, or create one; a failing host does not hold up the answer.

    Who wants no texts, such as somebody whose first one is STOP, is nobody to make a contact of.
    """
    wanted = (
        channel.options.contact_matching or channel.options.auto_create_contacts
    )  # what is created must be looked for first
    if not wanted or session.contact_id:
        return
    try:
        with discreet_errors():
            create = channel.options.auto_create_contacts and not session.opted_out
            contact_id = _find_or_create(runtime, channel, session.phone_number, create=create)
    except Exception:
        logger.exception("session %s: the host could not look up its contact", session.id)
        return
    if contact_id is None:
        return
    try:
        with patience(runtime.settings.database_timeout):
            write_contact(channel.id, session.id, contact_id)
    except SQLAlchemyError:  # whoever counts stands still; the next text tries it again
        logger.exception("session %s: its contact could not be written down", session.id)


def write_contact(channel_id: int, session_id: int, contact_id: str) -> None:
    """Link a session to this contact, and have it counted as matched."""
    with transaction() as connection:
        lock_rollup(connection, channel_id)  # before the session, as all who take both
        connection.execute(
            update(SmsSession).where(SmsSession.id == session_id).values(contact_id=contact_id)
        )
        count_contact(connection, channel_id, session_id)


def _find_or_create(runtime: Runtime, channel: Channel, number: str, *, create: bool) -> str | None:
    """The contact's id."""
    workspace_id = channel.workspace_id
    lease = f"contact/{runtime.secrets.digest(f'{workspace_id}/{number}')}"
    for _ in range(CREATE_TRIES):
        found = _find(runtime, workspace_id, number)
        if found is not None or not create:
            return found
        with named_lease(lease, LEASE_TTL) as held:
            if held:
                return _find(runtime, workspace_id, number) or _create(runtime, channel, number)
        time.sleep(CREATE_PAUSE)
    return None


def _find(runtime: Runtime, workspace_id: str, number: str) -> str | None:
    with host_call():
        found = runtime.host.contacts.find_by_number(workspace_id, number)
        return None if found is None else str(found.id)


def _create(runtime: Runtime, channel: Channel, number: str) -> str | None:
    """A new contact; None when there were too many already: the next text tries it again."""
    try:
        spend(f"contacts/channel/{channel.id}", limit=CREATED_PER_HOUR, period=3600)
    except RateLimited:
        logger.warning("channel %s: no more contacts are created in this hour", channel.id)
        return None
    workspace_id = channel.workspace_id
    key = f"sms-{workspace_id}-{number}"
    with host_call():
        return str(runtime.host.contacts.create(workspace_id, number=number, source=SOURCE, key=key).id)
