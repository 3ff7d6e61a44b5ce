"""Where the texts of several numbers of an account go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from illumichat_sms_plugin.services.setup.number_services import find_services
from illumichat_sms_plugin.services.setup.webhook_target import Target, TargetKind, judge_target
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClient
from illumichat_sms_plugin.twilio_gateway.lookup import owned_senders
from illumichat_sms_plugin.twilio_gateway.values import OwnedNumber


@dataclass(frozen=True, slots=True)
class NumberWebhook:
    """Where a number's texts go now."""

    number: OwnedNumber
    target: Target

    @property
    def replaces(self) -> str | None:
        """The foreign address that must be named before it is replaced."""
        return self.target.url if self.target.kind is TargetKind.FOREIGN else None

    def may_be_set(self, replaces: str | None) -> bool:
        """Whether something is left to set here, by who has agreed to replace the address ``replaces``."""
        left = not self.target.is_right and not self.target.is_overridden
        return left and self.replaces in (None, replaces)


def look_at_numbers(
    client: TwilioClient, phone_numbers: Sequence[str], expected: str
) -> dict[str, NumberWebhook]:
    """The webhooks of those numbers that Twilio shows us, by number; ``expected`` is our URL. TwilioError."""
    owned = owned_senders(client, phone_numbers)
    services = find_services(client, owned.values())
    return {
        name: NumberWebhook(number, judge_target(number, services.get(number.sid), expected))
        for name, number in owned.items()
    }
