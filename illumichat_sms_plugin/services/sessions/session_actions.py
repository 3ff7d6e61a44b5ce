"""What an admin decides in a session: resend, dismiss, answer again, opt out or in, erase.

Each is done once however often it is pressed, because it names the state that it expects.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from illumichat_sms_plugin.errors import Conflict, InvalidInput, NotFound
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import SendState, SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services import audit
from illumichat_sms_plugin.services.channels import load_channel_by_id
from illumichat_sms_plugin.services.inbound.receive_message import AWAKE, replay
from illumichat_sms_plugin.services.pauses import is_paused
from illumichat_sms_plugin.services.rate_limit import spend
from illumichat_sms_plugin.services.reconcile import settle_doubt
from illumichat_sms_plugin.services.sessions.session_list import require_session
from illumichat_sms_plugin.services.texters import erase_texter
from illumichat_sms_plugin.services.texters.consent import record_consent
from illumichat_sms_plugin.services.texters.erase_at_host import ErasedAtHost, erase_at_host

MIN_EVIDENCE, MAX_EVIDENCE = 3, 100
SETTLED_MEANWHILE = say("This text is not waiting for a decision any more. Look at it again.")
NOT_CONNECTED = say("SMS is not connected, so nothing can be sent. Enter the credentials first.")
PAUSED = say("Sending is paused, so nothing can be sent. The SMS page says why.")
NOT_ACCEPTED = say(
    "Twilio does not accept this channel's credentials, so nothing can be sent. The SMS page says what to do."
)
ERASED, RESENT, DISMISSED, ANSWERED_AGAIN = "texter_erased", "resent", "dismissed", "answered_again"
WOKEN, BLOCKED, UNBLOCKED = "woken", "blocked", "unblocked"
CONSENTS = {"opt_out": "opted_out", "opt_in": "opted_in"}
RESENDS, PERIOD = 30, 600
"""So many Resends by one person within so many seconds; each sends a text."""


def resend(runtime: Runtime, channel_id: int | None, session_id: int, message_id: int, *, by: Person) -> None:
    """Send an unsettled text again, even if the texter then has it twice; waits for Twilio. RateLimited."""
    connected = _require_message(channel_id, session_id, message_id)
    spend(f"resend/person/{by.id}", limit=RESENDS, period=PERIOD)
    channel = load_channel_by_id(runtime, connected)
    if channel is None or channel.credentials is None:
        raise Conflict(NOT_CONNECTED)
    if channel.paused:
        raise Conflict(PAUSED)
    if not channel.may_answer:
        raise Conflict(NOT_ACCEPTED)
    if not settle_doubt.resend(runtime, channel, message_id, expected=SendState.UNSETTLED):
        if is_paused(connected):
            raise Conflict(PAUSED)
        raise Conflict(say("This text was settled meanwhile, or the number has opted out. Look at it again."))
    _note(connected, by, RESENT, message_id)


def dismiss(channel_id: int | None, session_id: int, message_id: int, *, by: Person) -> None:
    """Leave an unsettled text as it is."""
    connected = _require_message(channel_id, session_id, message_id)
    if not settle_doubt.dismiss(message_id, connected):
        raise Conflict(SETTLED_MEANWHILE)
    _note(connected, by, DISMISSED, message_id)


def answer_again(
    runtime: Runtime, channel_id: int | None, session_id: int, message_id: int, *, by: Person
) -> None:
    """Have a text answered after all whose answer failed."""
    connected = _require_message(channel_id, session_id, message_id)
    if not replay(runtime, message_id, connected):
        raise Conflict(say("This text is not set aside any more. Look at it again."))
    _note(connected, by, ANSWERED_AGAIN, message_id)


def change_consent(
    channel_id: int | None, session_id: int, action: str, evidence: str, *, by: Person
) -> bool:
    """Opt a texter out or in, with what the admin knows it from; False when that was the state already."""
    require_session(channel_id, session_id)
    assert channel_id is not None  # noqa: S101 - else there is no session
    if action not in ("opt_out", "opt_in"):
        raise InvalidInput(say("Choose opt out or opt in."))
    words = " ".join(evidence.replace("\x00", "").split())
    if not MIN_EVIDENCE <= len(words) <= MAX_EVIDENCE:
        sentence = say(
            "Say in {min_evidence} to {max_evidence} characters how you know, such as “asked by e-mail”.",
            min_evidence=MIN_EVIDENCE,
            max_evidence=MAX_EVIDENCE,
        )
        raise InvalidInput(sentence, {"evidence": sentence})
    detail = f"{by.name[:50]}: {words}"
    with transaction() as connection:
        changed = record_consent(connection, session_id, action, source="admin", detail=detail)
        if changed:
            about = [audit.about("session", session_id)]
            audit.record(connection, channel_id, by, CONSENTS[action], about)
    return changed


def block(channel_id: int | None, session_id: int, *, by: Person, blocked: bool = True) -> bool:
    """Leave a number unanswered from now on, or not any more; its consent stays as it is. False when it was so already."""
    require_session(channel_id, session_id)
    assert channel_id is not None  # noqa: S101 - else there is no session
    state = SmsSession.blocked_at
    with transaction() as connection:
        changed = connection.execute(
            update(SmsSession)
            .where(SmsSession.id == session_id, state.is_(None) if blocked else state.is_not(None))
            .values(blocked_at=db_now() if blocked else None)
        ).rowcount
        if changed:
            action = BLOCKED if blocked else UNBLOCKED
            audit.record(connection, channel_id, by, action, [audit.about("session", session_id)])
    return bool(changed)


def wake(channel_id: int | None, session_id: int, *, by: Person) -> bool:
    """Answer a texter again who looked like a machine; False when it did not."""
    require_session(channel_id, session_id)
    assert channel_id is not None  # noqa: S101 - else there is no session
    asleep = SmsSession.id == session_id, SmsSession.machine_at.is_not(None)
    with transaction() as connection:
        woken = connection.execute(update(SmsSession).where(*asleep).values(**AWAKE)).rowcount > 0
        if woken:
            audit.record(connection, channel_id, by, WOKEN, [audit.about("session", session_id)])
    return woken


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: how many texts, and what became of what the host keeps."""

    texts: int
    at_host: ErasedAtHost


def erase(runtime: Runtime, channel_id: int | None, session_id: int, *, by: Person) -> Erased:
    """Erase the texter, ask the host to do the same, and write down that it was done, by whom, and not of whom."""
    require_session(channel_id, session_id)
    assert channel_id is not None  # noqa: S101 - else there is no session
    texts = erase_texter.erase_texter(runtime, channel_id, session_id)
    with transaction() as connection:
        audit.record(connection, channel_id, by, ERASED, [audit.changed("texts", texts, 0)])
    return Erased(texts, erase_at_host(runtime, session_id))


def _note(channel_id: int, by: Person, action: str, message_id: int) -> None:
    with transaction() as connection:
        audit.record(connection, channel_id, by, action, [audit.about("text", message_id)])


def _require_message(channel_id: int | None, session_id: int, message_id: int) -> int:
    """The channel's id, when the message is one of this session; else NotFound."""
    require_session(channel_id, session_id)
    wanted = select(SmsMessage.channel_id).where(
        SmsMessage.id == message_id, SmsMessage.session_id == session_id
    )
    with transaction() as connection:
        found = connection.scalar(wanted)
    if found is None:
        raise NotFound(say("There is no such text."))
    return found
