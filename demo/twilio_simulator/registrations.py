"""What carriers in the US want to know of senders: A2P campaigns of Messaging Services, verifications of toll-free numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from demo.twilio_simulator.records import MessagingService, Number

CAMPAIGN_TEXTS = ("campaign_id", "rate_limits", "opt_in_message", "opt_out_message", "help_message")
UNSAID_OF_BUSINESS = (
    *("business_street_address2", "business_registration_number", "business_registration_authority"),
    *("business_registration_country", "business_registration_phone_number"),
    *("doing_business_as", "opt_in_confirmation_message", "help_message_sample", "privacy_policy_url"),
    *("terms_and_conditions_url", "age_gated_content", "opt_in_keywords", "rejection_reasons"),
    *("external_reference_id", "vetting_id", "vetting_id_expiration"),
    *("customer_profile_sid", "trust_product_sid", "regulated_item_sid", "additional_information"),
    *("edit_expiration", "edit_allowed"),
)


def campaign_json(service: MessagingService, host: str) -> dict[str, Any]:
    """The campaign that a Messaging Service's numbers text for."""
    sid = f"QE{service.sid[2:]}"
    made = _iso(service.date_created)
    return {
        "sid": sid,
        "account_sid": service.account_sid,
        "brand_registration_sid": f"BN{service.sid[2:]}",
        "messaging_service_sid": service.sid,
        "description": "Answers to customers who text us with questions.",
        "message_samples": ["We are open from 8 to 5.", "Your order left this morning."],
        "us_app_to_person_usecase": "CUSTOMER_CARE",
        "has_embedded_links": False,
        "has_embedded_phone": False,
        "subscriber_opt_in": True,
        "age_gated": False,
        "direct_lending": False,
        "campaign_status": service.campaign_status,
        "is_externally_registered": False,
        "message_flow": "Customers text the number that our website shows.",
        "opt_in_keywords": [],
        "opt_out_keywords": [],
        "help_keywords": [],
        "date_created": made,
        "date_updated": made,
        "url": f"{host}/v1/Services/{service.sid}/Compliance/Usa2p/{sid}",
        "mock": False,
        "errors": [],
        **dict.fromkeys(CAMPAIGN_TEXTS),
    }


def verification_json(number: Number, host: str) -> dict[str, Any]:
    """The verification of a toll-free number."""
    sid = f"HH{number.sid[2:]}"
    is_rejected = number.toll_free_status == "TWILIO_REJECTED"
    return {
        **dict.fromkeys(UNSAID_OF_BUSINESS),
        "sid": sid,
        "account_sid": number.account_sid,
        "date_created": _iso(number.date_created),
        "date_updated": _iso(number.date_updated),
        "business_name": "Acme",
        "business_type": "PRIVATE_PROFIT",
        "vetting_provider": "CAMPAIGN_VERIFY",
        "business_street_address": "1 Main Street",
        "business_city": "Springfield",
        "business_state_province_region": "IL",
        "business_postal_code": "62701",
        "business_country": "US",
        "business_website": "https://example.com",
        "business_contact_first_name": "Ann",
        "business_contact_last_name": "Example",
        "business_contact_email": "ann@example.com",
        "business_contact_phone": "+15551230000",
        "notification_email": "ann@example.com",
        "use_case_categories": ["CUSTOMER_CARE"],
        "use_case_summary": "Answers to customers who text us.",
        "production_message_sample": "We are open from 8 to 5.",
        "opt_in_image_urls": ["https://example.com/text-us.png"],
        "opt_in_type": "VIA_TEXT",
        "message_volume": "1,000",
        "tollfree_phone_number_sid": number.sid,
        "tollfree_phone_number": number.phone_number,
        "status": number.toll_free_status,
        "url": f"{host}/v1/Tollfree/Verifications/{sid}",
        "rejection_reason": "The website could not be reached." if is_rejected else None,
        "error_code": 30477 if is_rejected else None,
        "resource_links": {},
    }


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
