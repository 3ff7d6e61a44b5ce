"""What the Doctor can fix at the press of a button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import exists, select, text

from illumichat_sms_plugin.errors import NotFound
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.job_queue.turns import Waiting
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import SmsMessage, SmsSession
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.message import PENDING
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.setup.channel_changes import ChannelChanges
from illumichat_sms_plugin.services.setup.save_channel import save_channel
from illumichat_sms_plugin.services.setup.webhook_setup import set_webhook

MAX_SESSIONS = 500


@dataclass(frozen=True, slots=True)
class Fix:
    """``apply`` does it and raises an error in words when it cannot; ``done`` is said afterwards."""

    apply: Callable[[Runtime, str, Person], None]
    done: str


def _turn_on(runtime: Runtime, assistant_id: str, by: Person) -> None:
    save_channel(runtime, assistant_id, ChannelChanges(options={"enabled": True}), by=by)


def _set_webhook(runtime: Runtime, assistant_id: str, by: Person) -> None:
    """Never replaces a foreign address: that raises ForeignWebhook, and the page asks."""
    set_webhook(runtime, assistant_id, by=by)


def _enqueue(runtime: Runtime, assistant_id: str, by: Person) -> None:  # noqa: ARG001 - every fix takes these
    waiting = (
        select(SmsSession.id, SmsSession.channel_id)
        .where(
            SmsSession.channel_id == find_channel_id(assistant_id),
            exists().where(SmsMessage.session_id == SmsSession.id, text(PENDING)),
        )
        .order_by(SmsSession.last_message_at)
        .limit(MAX_SESSIONS)
    )
    with transaction() as connection:
        sessions = connection.execute(waiting).all()
    runtime.queue.enqueue_again([Waiting(session.id, session.channel_id) for session in sessions])


FIXES: dict[str, Fix] = {
    "turn-on": Fix(_turn_on, say("SMS is on.")),
    "set-webhook": Fix(_set_webhook, say("The number's webhook leads here now.")),
    "enqueue": Fix(_enqueue, say("The waiting texts were handed to the workers again.")),
}


def apply_fix(runtime: Runtime, assistant_id: str, name: str, *, by: Person) -> str:
    """Apply the fix called ``name`` and return what to say; NotFound for an unknown one."""
    fix = FIXES.get(name)
    if fix is None:
        raise NotFound(say("There is no such fix."))
    fix.apply(runtime, assistant_id, by)
    return fix.done
