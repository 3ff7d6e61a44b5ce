"""What carriers in the US know of a sender: A2P campaigns of Messaging Services, verifications of toll-free numbers.

https://www.twilio.com/docs/messaging/api/usapptoperson-resource
https://www.twilio.com/docs/messaging/api/tollfree-verification-resource
"""

from __future__ import annotations

from dataclasses import dataclass

from illumichat_sms_plugin.twilio_gateway.clients import TwilioClient
from illumichat_sms_plugin.twilio_gateway.response_fields import (
    optional_text,
    read_pages,
    sid_in_path,
    understood,
)

MAX_CAMPAIGNS = 20
"""A service has one campaign; more would be a mistake of ours or Twilio's."""
CAMPAIGN_APPROVED = "VERIFIED"
CAMPAIGN_IN_REVIEW = ("IN_PROGRESS", "PENDING")
TOLL_FREE_APPROVED = "TWILIO_APPROVED"
TOLL_FREE_IN_REVIEW = ("PENDING_REVIEW", "IN_REVIEW")


@dataclass(frozen=True, slots=True)
class Verification:
    """Of a toll-free number; ``reason`` says why it was rejected."""

    status: str
    reason: str | None


def campaign_statuses(client: TwilioClient, service_sid: str) -> list[str]:
    """The statuses of the campaigns of a Messaging Service, in Twilio's words."""
    campaigns = client.messaging.v1.services(sid_in_path(service_sid)).us_app_to_person
    found = read_pages(lambda size: campaigns.page(page_size=size), MAX_CAMPAIGNS)
    return [optional_text(campaign.campaign_status) or "" for campaign in found]


def toll_free_verification(client: TwilioClient, number_sid: str) -> Verification | None:
    """What became of the verification of a toll-free number; None when none was asked for."""
    listed = client.messaging.v1.tollfree_verifications
    wanted = sid_in_path(number_sid)
    pages = read_pages(lambda size: listed.page(page_size=size, tollfree_phone_number_sid=wanted), 20)
    verifications = []
    for found in pages:
        with understood():
            status = optional_text(found.status) or ""
            verifications.append(Verification(status, optional_text(found.rejection_reason)))
    approved = [one for one in verifications if one.status == TOLL_FREE_APPROVED]
    return next(iter([*approved, *verifications]), None)
