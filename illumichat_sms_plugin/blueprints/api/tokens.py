"""Rotating the Auth Token, for programs: enter the next one, make it the main one, drop the other."""

from __future__ import annotations

from flask import Response, jsonify

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.blueprints.api.config import config_as_json
from illumichat_sms_plugin.blueprints.api.input import read_json, read_query
from illumichat_sms_plugin.blueprints.guards import visit_api
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.schemas.channel import ChannelDelete, ChannelOut
from illumichat_sms_plugin.schemas.openapi import describe
from illumichat_sms_plugin.schemas.setup import NextToken, TokenPairOut, TokenSwap
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.setup.rotate_token import (
    add_next_token,
    drop_second_token,
    swap_tokens,
)
from illumichat_sms_plugin.services.setup.token_history import TokenPair, stored_tokens

blueprint = api_blueprint("sms_api_tokens")

PATH = "/api/sms/config/<assistant_id>/token"


@blueprint.get(PATH)
@describe("Read when, and by whom, the stored Auth Tokens were entered.", responses={200: TokenPairOut})
def read_tokens(assistant_id: str) -> Response:
    """Never a token itself."""
    visit_api(assistant_id, manage=True)
    channel_id = find_channel_id(assistant_id)
    tokens = stored_tokens(channel_id) if channel_id is not None else TokenPair()
    return jsonify(TokenPairOut().dump(tokens))


@blueprint.post(PATH)
@describe(
    "Keep a second Auth Token beside the main one; both verify webhooks.",
    responses={200: ChannelOut},
    body=NextToken,
    errors=(400, 409, 413, 415, 429, 502),
)
def add_token(assistant_id: str) -> Response:
    """400 when Twilio does not accept the token for the account."""
    visit = visit_api(assistant_id, manage=True)
    token = read_json(NextToken)["next_auth_token"]
    add_next_token(current_runtime(), visit.assistant, token, by=visit.person)
    return jsonify(config_as_json(assistant_id))


@blueprint.post(f"{PATH}/main")
@describe(
    "Make the second Auth Token the main one, with which texts are sent; the old one goes on verifying for 24 hours.",
    responses={200: ChannelOut},
    body=TokenSwap,
    errors=(400, 409, 413, 415, 429, 502),
)
def make_main(assistant_id: str) -> Response:
    """409 without a second token, and when the version is not the current one."""
    visit = visit_api(assistant_id, manage=True)
    seen = read_json(TokenSwap).get("version")
    swap_tokens(current_runtime(), visit.assistant, by=visit.person, seen_version=seen)
    return jsonify(config_as_json(assistant_id))


@blueprint.delete(PATH)
@describe(
    "Forget the Auth Token that is not the main one.",
    responses={204: None},
    query=ChannelDelete,
    errors=(400, 409),
)
def drop_token(assistant_id: str) -> Response:
    """What it signed is refused from now on."""
    visit = visit_api(assistant_id, manage=True)
    seen = read_query(ChannelDelete).get("version")
    drop_second_token(current_runtime(), visit.assistant, by=visit.person, seen_version=seen)
    return Response(status=204)
