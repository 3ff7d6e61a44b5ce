"""Take our address out of the channel's numbers at Twilio when the channel is disconnected.

Disconnecting comes first and never depends on it: a webhook that stays brings texts that are refused, no more.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum

from illumichat_sms_plugin.errors import RateLimited, TwilioError
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services import audit
from illumichat_sms_plugin.services.channels import Channel, load_channel
from illumichat_sms_plugin.services.further_numbers import confirmed_numbers
from illumichat_sms_plugin.services.rate_limit import spend
from illumichat_sms_plugin.services.setup.number_webhooks import NumberWebhook, look_at_numbers
from illumichat_sms_plugin.services.setup.save_channel import disconnect
from illumichat_sms_plugin.services.setup.webhook_setup import LOOKS, PERIOD
from illumichat_sms_plugin.services.setup.webhook_target import points_to, safe_url
from illumichat_sms_plugin.twilio_gateway.lookup import set_sms_webhook

logger = logging.getLogger("illumichat_sms.setup")


class Outcome(StrEnum):
    """What came of taking the webhook out."""

    TAKEN_OUT = "taken_out"
    NOT_OURS = "not_ours"
    """No number of the channel pointed here any more."""
    LEFT = "left"
    """Some number still brings its texts here."""
    NO_ANSWER = "no_answer"
    """Twilio could not be asked, or refused the credentials."""


@dataclass(frozen=True, slots=True)
class Pointing:
    """The channel's numbers whose texts come here: those that can be changed, and those that a Messaging Service brings."""

    numbers: tuple[NumberWebhook, ...] = ()
    by_service: tuple[str, ...] = ()
    was_asked: bool = True
    """Whether Twilio has answered."""

    @property
    def phone_numbers(self) -> tuple[str, ...]:
        """The numbers that can be changed."""
        return tuple(one.number.phone_number for one in self.numbers)


@dataclass(frozen=True, slots=True)
class TakenOut:
    """The numbers that point here no more, and those that still do."""

    taken: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    was_asked: bool = True

    @property
    def outcome(self) -> Outcome:
        """All of it in a word."""
        if not self.was_asked:
            return Outcome.NO_ANSWER
        if self.left:
            return Outcome.LEFT
        return Outcome.TAKEN_OUT if self.taken else Outcome.NOT_OURS


NOT_ASKED = Pointing(was_asked=False)


def see_what_points_here(runtime: Runtime, assistant_id: str, *, by: Person) -> Pointing:
    """Ask Twilio which numbers of the channel point here. Never an error: what cannot be asked is told as such."""
    channel = load_channel(runtime, assistant_id)
    return _look(runtime, channel, _numbers(channel), by) if channel is not None else NOT_ASKED


def disconnect_and_take_out(
    runtime: Runtime, assistant_id: str, *, by: Person, seen_version: int | None = None
) -> TakenOut:
    """Disconnect as :func:`disconnect` does, then take our address out wherever it is still there."""
    channel = load_channel(runtime, assistant_id)
    numbers = _numbers(channel)  # disconnecting forgets them
    disconnect(runtime, assistant_id, by=by, seen_version=seen_version)
    found = _look(runtime, channel, numbers, by) if channel is not None else NOT_ASKED
    if channel is None or not found.was_asked:
        return TakenOut(was_asked=False)
    taken: list[str] = []
    for one in found.numbers:
        if not _take_out(runtime, channel, one, by):
            break  # an account that refuses one, or does not answer, is not asked about fifty
        taken.append(one.number.phone_number)
    return TakenOut(tuple(taken), found.phone_numbers[len(taken) :] + found.by_service)


def _numbers(channel: Channel | None) -> list[str]:
    if channel is None:
        return []
    further = confirmed_numbers(channel.id) if channel.is_confirmed else ()
    return [channel.phone_number, *further]


def _look(runtime: Runtime, channel: Channel, numbers: list[str], by: Person) -> Pointing:
    if channel.credentials is None:
        return NOT_ASKED
    expected = runtime.settings.webhook_url(channel.assistant_id)
    try:
        spend(f"webhook/person/{by.id}", limit=LOOKS, period=PERIOD)
        spend(f"webhook/workspace/{channel.workspace_id}", limit=LOOKS, period=PERIOD)
        found = look_at_numbers(runtime.twilio.get(channel.credentials), numbers, expected).values()
    except (RateLimited, TwilioError) as error:
        logger.info("channel %s: could not see at Twilio what points here: %s", channel.id, error)
        return NOT_ASKED
    return Pointing(
        tuple(one for one in found if points_to(one.number, expected)),
        tuple(one.number.phone_number for one in found if one.target.service and one.target.works),
    )


def _take_out(runtime: Runtime, channel: Channel, one: NumberWebhook, by: Person) -> bool:
    """Whether the number points here no more. It is left alone when somebody has connected the assistant meanwhile."""
    if channel.credentials is None or load_channel(runtime, channel.assistant_id) is not None:
        return False
    try:
        set_sms_webhook(runtime.twilio.get(channel.credentials), one.number.sid, sms_url="")
    except TwilioError as error:
        logger.warning("channel %s: a webhook stays at Twilio: %s", channel.id, error)
        return False
    with transaction() as connection:
        gone = audit.changed(one.number.phone_number, safe_url(one.number.sms_url), None)
        audit.record(connection, channel.id, by, "webhook_taken_out", [gone])
    return True
