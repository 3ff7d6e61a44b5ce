"""The media of a message: listed, fetched by way of a CDN, deleted.

Twilio asks for the credentials at the media's own address and redirects to a short-lived one at its CDN, which asks for
nothing: https://help.twilio.com/articles/223183748
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from demo.twilio_simulator.access import hang
from demo.twilio_simulator.errors import ApiError
from demo.twilio_simulator.paging import page_2010
from demo.twilio_simulator.records import Media, Message
from demo.twilio_simulator.representations import rfc2822

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.twilio_simulator.simulator import Simulator

MEDIA = "/2010-04-01/Accounts/<account_sid>/Messages/<sid>/Media"
CDN = "/mms.twiliocdn.com"
"""The CDN has a host of its own at Twilio; here it is a path."""
VALID_FOR = 4 * 3600
"""Seconds for which an address at the CDN works."""

_KEY = secrets.token_bytes(16)


def add_media_routes(blueprint: Blueprint, sim: Simulator, find_message: Callable[..., Message]) -> None:
    """Add the routes below a message; ``find_message`` finds it, or refuses."""

    def find(account_sid: str, sid: str, media_sid: str) -> tuple[Message, Media]:
        message = find_message(sim, account_sid, sid)
        for media in message.media:
            if media.sid == media_sid:
                return message, media
        raise ApiError(20404, path=request.path)

    @blueprint.get(f"{MEDIA}.json")
    def list_media(account_sid: str, sid: str) -> Response:
        message = find_message(sim, account_sid, sid)
        page = page_2010(
            message.media,
            "media_list",
            request.path,
            request.args,
            show=lambda media: media_json(message, media),
            sid=lambda media: media.sid,
        )
        return jsonify(page)

    @blueprint.get(f"{MEDIA}/<media_sid>.json")
    def fetch_media(account_sid: str, sid: str, media_sid: str) -> Response:
        return jsonify(media_json(*find(account_sid, sid, media_sid)))

    @blueprint.get(f"{MEDIA}/<media_sid>")
    def media_file(account_sid: str, sid: str, media_sid: str) -> AnyResponse:
        """Where the file is. Who asks is recorded."""
        message, media = find(account_sid, sid, media_sid)
        with sim.store.change():
            sim.store.media_fetches.append(request.path)
        if sim.faults.take("lost_media", message.from_, message.to, struck=media.sid):
            raise ApiError(20404, path=request.path)
        return redirect(f"{sim.url}{cdn_path(account_sid, media.sid)}", 307)

    @blueprint.delete(f"{MEDIA}/<media_sid>.json")
    def delete_media(account_sid: str, sid: str, media_sid: str) -> tuple[str, int]:
        with sim.store.change():
            message, media = find(account_sid, sid, media_sid)
            message.media.remove(media)
            sim.store.save(message)
        return "", 204


def media_cdn(sim: Simulator) -> Blueprint:
    """The blueprint of the CDN."""
    blueprint = Blueprint("media_cdn", __name__)

    @blueprint.get(f"{CDN}/<account_sid>/<media_sid>")
    def media_content(account_sid: str, media_sid: str) -> Response:
        expires, signature = request.args.get("Expires", ""), request.args.get("Signature", "")
        good = hmac.compare_digest(signature, _signature(account_sid, media_sid, expires))
        if not good or int(expires) < time.time():
            return Response("<Error><Code>AccessDenied</Code></Error>", 403, content_type="application/xml")
        with sim.store.lock:
            found = [
                (message, media)
                for message in sim.store.messages.values()
                for media in message.media
                if media.sid == media_sid and message.account_sid == account_sid
            ]
        if not found:
            return Response("<Error><Code>NoSuchKey</Code></Error>", 404, content_type="application/xml")
        message, media = found[0]
        hangs = sim.faults.take("media_hangs", message.from_, message.to, struck=media.sid)
        if hangs:
            hang(request, sim.scheduler, float(hangs.params["seconds"]))
        return Response(media.content(), content_type=media.content_type)

    return blueprint


def media_json(message: Message, media: Media) -> dict[str, object]:
    """One attachment as the API describes it."""
    path = f"/2010-04-01/Accounts/{message.account_sid}/Messages/{message.sid}/Media/{media.sid}.json"
    return {
        "account_sid": message.account_sid,
        "content_type": media.content_type,
        "date_created": rfc2822(message.date_created),
        "date_updated": rfc2822(message.date_created),
        "parent_sid": message.sid,
        "sid": media.sid,
        "uri": path,
    }


def cdn_path(account_sid: str, media_sid: str) -> str:
    """Where the content is for the next hours."""
    expires = str(int(time.time()) + VALID_FOR)
    query = {"Expires": expires, "Signature": _signature(account_sid, media_sid, expires)}
    return f"{CDN}/{account_sid}/{media_sid}?{urlencode(query)}"


def _signature(account_sid: str, media_sid: str, expires: str) -> str:
    return hmac.new(_KEY, f"{account_sid}/{media_sid}/{expires}".encode(), hashlib.sha256).hexdigest()
