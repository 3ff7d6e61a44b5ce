"""Testing credentials and setting the webhook, for programs."""

from __future__ import annotations

from flask import Response, jsonify

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.blueprints.api.input import read_json
from illumichat_sms_plugin.blueprints.guards import visit_api
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.schemas.openapi import describe
from illumichat_sms_plugin.schemas.setup import (
    CredentialsTest,
    ReportOut,
    WebhookChange,
    WebhookOut,
    WebhookSet,
)
from illumichat_sms_plugin.services.setup.try_credentials import try_credentials
from illumichat_sms_plugin.services.setup.webhook_setup import look_at_webhook, set_webhook

blueprint = api_blueprint("sms_api_setup")

CONFIG = "/api/sms/config/<assistant_id>"


@blueprint.post(f"{CONFIG}/test")
@describe(
    "Test credentials at Twilio without saving them.",
    responses={200: ReportOut},
    body=CredentialsTest,
    errors=(400, 413, 415, 429),
)
def test_config(assistant_id: str) -> Response:
    """Credentials that do not work are a finding, and the response is 200 all the same."""
    visit = visit_api(assistant_id, manage=True)
    body = read_json(CredentialsTest)
    report = try_credentials(current_runtime(), visit.assistant, by=visit.person, **body)
    return jsonify(ReportOut().dump(report))


@blueprint.get(f"{CONFIG}/webhook")
@describe(
    "See where Twilio delivers the texts of the channel's numbers.",
    responses={200: WebhookOut},
    errors=(409, 429, 502),
)
def read_webhook(assistant_id: str) -> Response:
    """404 without a connection; 502 when Twilio refuses or cannot be reached."""
    visit = visit_api(assistant_id, manage=True)
    return jsonify(WebhookOut().dump(look_at_webhook(current_runtime(), assistant_id, by=visit.person)))


@blueprint.post(f"{CONFIG}/webhook")
@describe(
    "Have Twilio deliver the texts of the channel's numbers to us.",
    responses={200: WebhookChange},
    body=WebhookSet,
    errors=(400, 409, 413, 415, 429, 502),
)
def write_webhook(assistant_id: str) -> Response:
    """409 for a foreign address that ``replaces`` does not name, or when the webhook is overridden."""
    visit = visit_api(assistant_id, manage=True)
    body = read_json(WebhookSet)
    further = {one["phone_number"]: one["replaces"] for one in body["further"]}
    before, after = set_webhook(
        current_runtime(), assistant_id, by=visit.person, replaces=body["replaces"], further=further
    )
    return jsonify(WebhookChange().dump({"before": before, "after": after}))
