"""The channel's configuration for programs."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, make_response

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.blueprints.api.input import read_json, read_query
from illumichat_sms_plugin.blueprints.guards import Visit, visit_api
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.schemas.channel import (
    ChannelDelete,
    ChannelOut,
    ChannelPatch,
    ChannelPut,
    ChannelSaved,
    WebhookTakenOut,
)
from illumichat_sms_plugin.schemas.openapi import describe
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.channel_secrets import SECRET_COLUMNS
from illumichat_sms_plugin.services.setup.ask_and_save import ask_and_save
from illumichat_sms_plugin.services.setup.channel_changes import ChannelChanges
from illumichat_sms_plugin.services.setup.channel_settings import read_settings
from illumichat_sms_plugin.services.setup.channel_state import state_of
from illumichat_sms_plugin.services.setup.ownership import Asked
from illumichat_sms_plugin.services.setup.save_channel import disconnect
from illumichat_sms_plugin.services.setup.take_out_webhook import disconnect_and_take_out
from illumichat_sms_plugin.services.setup.webhook_setup import webhook_urls

blueprint = api_blueprint("sms_api_config")

PATH = "/api/sms/config/<assistant_id>"


@blueprint.get(PATH)
@describe("Read the configuration.", responses={200: ChannelOut})
def read_config(assistant_id: str) -> Response:
    """The configuration without secrets, whether connected or not."""
    visit_api(assistant_id, manage=True)
    return jsonify(config_as_json(assistant_id))


@blueprint.put(PATH)
@describe(
    "Connect, or replace the configuration.",
    responses={200: ChannelSaved, 201: ChannelSaved},
    body=ChannelPut,
    errors=(400, 409, 413, 415, 429),
)
def put_config(assistant_id: str) -> Response:
    """201 when this connects the channel; ``numberCheck`` says whether Twilio agrees."""
    visit = visit_api(assistant_id, manage=True)
    body = read_json(ChannelPut)
    was_connected = read_settings(current_runtime(), assistant_id).is_connected
    return make_response(_save(visit, body), 200 if was_connected else 201)


@blueprint.patch(PATH)
@describe(
    "Change parts of the configuration.",
    responses={200: ChannelSaved},
    body=ChannelPatch,
    errors=(400, 409, 413, 415, 429),
)
def patch_config(assistant_id: str) -> Response:
    """What is left out stays."""
    visit = visit_api(assistant_id, manage=True)
    return _save(visit, read_json(ChannelPatch))


@blueprint.delete(PATH)
@describe(
    "Disconnect: remove credentials and number, keep options and history.",
    responses={200: WebhookTakenOut, 204: None},
    query=ChannelDelete,
    errors=(400, 409),
)
def delete_config(assistant_id: str) -> Response:
    """404 when nothing is connected. 200 and what came of it with ``takeOutWebhook``, else 204."""
    visit = visit_api(assistant_id, manage=True)
    query, runtime = read_query(ChannelDelete), current_runtime()
    seen = query.get("version")
    if query["take_out_webhook"]:
        done = disconnect_and_take_out(runtime, assistant_id, by=visit.person, seen_version=seen)
        return jsonify(WebhookTakenOut().dump(done))
    disconnect(runtime, assistant_id, by=visit.person, seen_version=seen)
    return Response(status=204)


def _save(visit: Visit, body: dict[str, Any]) -> Response:
    runtime, seen = current_runtime(), body.pop("version", None)
    saved = ask_and_save(runtime, visit.assistant, _changes(body), by=visit.person, seen_version=seen)
    return jsonify(config_as_json(visit.assistant.id, saved.verdict.asked))


def _changes(body: dict[str, Any]) -> ChannelChanges:
    """The body as changes: null empties, which an empty string means there."""
    if "auth_token" in body and body["auth_token"] is None:
        body = {name: value for name, value in body.items() if name != "auth_token"} | {
            "remove_auth_token": True
        }
    empty = {name: Secret("") if name in SECRET_COLUMNS else "" for name in body}
    return ChannelChanges.of(
        **{name: empty[name] if value is None else value for name, value in body.items()}
    )


def config_as_json(assistant_id: str, asked: Asked | None = None) -> Any:
    """The stored configuration, with what came of asking Twilio if it was just saved."""
    runtime = current_runtime()
    settings = read_settings(runtime, assistant_id)
    state, urls = state_of(settings), webhook_urls(runtime.settings, assistant_id)
    values = {name: getattr(settings, name) for name in settings.__dataclass_fields__}
    values |= settings.options.values()
    values |= {"state": state.code.value, "state_text": state.sentence, "reasons": state.reasons}
    if asked is not None:
        values["number_check"] = asked.value
    return (ChannelSaved() if asked is not None else ChannelOut()).dump(
        values | {"webhook_url": urls.inbound, "status_url": urls.status}
    )
