"""The two addresses that Twilio calls: inbound texts and status callbacks.

The policy of both stands in :func:`verified`: authenticate, refuse what is ambiguous, parse, hand
over, respond. Whoever is refused is told nothing: a wrong signature, an unknown assistant and an unreadable token get the
same response, though not in the same time. Only what was signed for the configured public URL is believed; the request's own Host and
X-Forwarded headers never are.
https://www.twilio.com/docs/usage/webhooks/webhooks-security
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from urllib.parse import parse_qsl

from flask import Blueprint, Response, request
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError, TimeoutError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from illumichat_sms_plugin.blueprints.denials import note
from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.models.database import patience
from illumichat_sms_plugin.models.pooler import is_mixed_up
from illumichat_sms_plugin.runtime import Runtime, current_runtime
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.inbound.addressee import addressee
from illumichat_sms_plugin.services.inbound.authenticate import WebhookRequest, authenticate
from illumichat_sms_plugin.services.inbound.probe_texts import probe_columns
from illumichat_sms_plugin.services.inbound.receive_message import receive_message
from illumichat_sms_plugin.services.inbound.rejections import note_refusal
from illumichat_sms_plugin.services.reconcile.web_outages import note_response
from illumichat_sms_plugin.services.track_delivery import record_status_report
from illumichat_sms_plugin.twilio_gateway.webhook_forms import (
    parse_inbound,
    parse_status_report,
    refuse_ambiguous,
)

logger = logging.getLogger("illumichat_sms.webhooks")

blueprint = Blueprint("sms_webhooks", __name__)

FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 150
"""Fields of a form; Twilio sends some thirty. More are refused before they are parsed and sorted."""
NO_REPLY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
"""The answer goes out later by the REST API; anything else here Twilio might send as a text."""

OUTAGES = (OperationalError, InterfaceError, InternalError, TimeoutError)
"""The database is gone, full, read-only or too slow, or its pool is empty."""

Handler = Callable[[Runtime, Channel, WebhookRequest], Response]


def verified(handler: Handler) -> Callable[[str], Response]:
    """Let ``handler`` run only for a form that Twilio signed for this very assistant's channel."""

    @functools.wraps(handler)
    def view(assistant_id: str) -> Response:
        runtime = current_runtime()
        request.max_content_length = runtime.settings.max_webhook_bytes
        if request.mimetype != FORM:
            return _turned_away("no_form", "Send a form.", 415)
        try:
            body = request.get_data()
            if _has_too_many_fields(body):
                return _turned_away("too_many_fields", "Too many fields.", 413)
            received = _as_received(assistant_id, body)
            with patience(runtime.settings.database_timeout):
                return _on_a_living_connection(lambda: _authenticated(runtime, received, handler))
        except RequestEntityTooLarge:
            return _turned_away("too_large", "Too large.", 413)
        except InvalidInput as error:
            logger.warning("channel of %s: signed, but unusable: %s", assistant_id, error)
            return _plain(str(error), 400)
        except (DBAPIError, TimeoutError) as error:
            if not isinstance(error, OUTAGES) and not is_mixed_up(error):
                raise
            # Twilio tries again by the URL's retry rules, and catch-up fetches what is missed.
            # The driver's own class tells a lock that was waited for too long from a database that is away.
            cause = getattr(error, "orig", None) or error
            logger.error("database unreachable, webhook refused: %s", type(cause).__name__)
            return _plain("Try again later.", 503)

    return view


def _on_a_living_connection(respond: Callable[[], Response]) -> Response:
    """A database that was restarted leaves dead connections in the pool; the first to find one tries again.

    Both handlers may run twice: a text is recorded once, and a status never steps down.
    """
    try:
        return respond()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        return respond()


def _authenticated(runtime: Runtime, received: WebhookRequest, handler: Handler) -> Response:
    channel = authenticate(runtime, received)
    if channel is None:
        return _refused(runtime, received)
    refuse_ambiguous(received.params)
    return handler(runtime, channel, received)


def _refused(runtime: Runtime, received: WebhookRequest) -> Response:
    note_refusal(runtime, received, _host_hints(), request.headers.get("X-Forwarded-Prefix", ""))
    return _turned_away("wrong_signature" if received.signature else "no_signature", "Forbidden.", 403)


def _as_received(assistant_id: str, body: bytes) -> WebhookRequest:
    return WebhookRequest(
        assistant_id=assistant_id,
        path=request.path,
        query=request.query_string.decode("ascii", "replace"),
        params=_fields(body),
        signature=request.headers.get("X-Twilio-Signature"),
        settings_header=request.headers.get("X-Twilio-Webhooks-Signature-Settings"),
    )


def _has_too_many_fields(body: bytes) -> bool:
    """Whether there are more than ``MAX_FIELDS``. ``find`` stops there, and in long fields it is a hundred times as quick as ``count``."""
    place = -1
    for _ in range(MAX_FIELDS):
        place = body.find(b"&", place + 1)
        if place < 0:
            return False
    return True


def _fields(body: bytes) -> tuple[tuple[str, str], ...]:
    """The form's fields in their order, read as Werkzeug reads them, at a third of the cost: most that comes is forged."""
    try:
        return tuple(parse_qsl(body.decode(), keep_blank_values=True, errors="werkzeug.url_quote"))
    except ValueError:  # no text
        return ()


def _host_hints() -> list[str]:
    """What the headers say about the host: never believed, only tried when a signature is explained."""
    names = ("Host", "X-Forwarded-Host", "X-Original-Host")
    return [request.headers.get(name, "").split(",")[0].strip() for name in names]


@blueprint.after_request
def _note_response(response: Response) -> Response:
    note_response(current_runtime(), response.status_code)
    return response


def _turned_away(reason: str, sentence: str, status: int) -> Response:
    note("webhook_refused", reason)
    return _plain(sentence, status)


def _plain(sentence: str, status: int) -> Response:
    return Response(sentence, status, mimetype="text/plain")


@blueprint.post("/api/sms/webhook/<assistant_id>")
@verified
def inbound(runtime: Runtime, channel: Channel, received: WebhookRequest) -> Response:
    """A text came in."""
    text = parse_inbound(MultiDict(received.params))
    owner = addressee(runtime, channel, received, text.to_number)
    if owner is None:
        return _refused(runtime, received)
    receive_message(runtime, owner, text, **probe_columns(runtime, owner.id, text.message_sid))
    return Response(NO_REPLY, 200, mimetype="text/xml")


@blueprint.post("/api/sms/status/<assistant_id>")
@verified
def status(runtime: Runtime, channel: Channel, received: WebhookRequest) -> Response:
    """The delivery status of a text of ours changed."""
    report = parse_status_report(MultiDict(received.params), request.args.get("m"))
    if not record_status_report(runtime, channel, report):
        logger.info("channel %s: status callback for a message we do not know", channel.id)
    return Response(status=204)
