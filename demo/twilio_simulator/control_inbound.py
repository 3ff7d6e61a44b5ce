"""``POST /_sim/inbound``: text a number from a phone."""

from __future__ import annotations

import base64
import dataclasses
import re
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify

from demo.twilio_simulator.control_access import Refused, body_of_request
from demo.twilio_simulator.inbound import Attached

if TYPE_CHECKING:
    from demo.twilio_simulator.simulator import Simulator

_PHONE = re.compile(r"[^\x00-\x1f]{1,100}\Z")
_SID = re.compile(r"(SM|MM)[0-9a-f]{32}")


def add_inbound_routes(blueprint: Blueprint, sim: Simulator) -> None:
    """Text a number from a phone."""

    @blueprint.post("/inbound")
    def inbound() -> tuple[Response, int]:
        """``{from, to, body, media?, sid?, extra?, wait?}``; ``media`` are attachments or their number."""
        values = body_of_request()
        from_, to, body = values.get("from"), values.get("to"), values.get("body", "")
        if not isinstance(from_, str) or not _PHONE.match(from_) or not isinstance(to, str):
            raise Refused("from and to must be phone numbers")
        if not isinstance(body, str) or len(body) > 100_000:
            raise Refused("body must be a text of at most 100,000 characters")
        sid = values.get("sid")
        if sid is not None and not (isinstance(sid, str) and _SID.fullmatch(sid)):
            raise Refused("sid must be SM or MM and 32 hex digits")
        wait = bool(values.get("wait", False))
        message, hooks = sim.inbound.receive(
            from_, to, body, media=_media(values), sid=sid, extra=_extra(values), wait=wait
        )
        with sim.store.lock:
            shown = [dataclasses.asdict(hook) for hook in hooks]
        return jsonify(sid=message.sid, webhooks=shown), 200 if wait else 202


def _media(values: dict[str, Any]) -> list[Attached]:
    media = values.get("media") or []
    if isinstance(media, int):
        return ["image/png"] * min(media, 10)
    if not isinstance(media, list):
        raise Refused("media must be a list of attachments, or how many pictures")
    return [_attached(item) for item in media][:10]


def _attached(item: object) -> Attached:
    """A content type, or ``{content_type, data}`` with the content in base64."""
    if not isinstance(item, dict):
        return str(item)
    try:
        return str(item["content_type"]), base64.b64decode(str(item["data"]), validate=True)
    except (KeyError, ValueError):
        raise Refused("an attachment has a content_type and its data in base64") from None


def _extra(values: dict[str, Any]) -> dict[str, str | list[str] | None]:
    extra = values.get("extra") or {}
    if not isinstance(extra, dict):
        raise Refused("extra must be an object of parameters")
    shown: dict[str, str | list[str] | None] = {}
    for name, value in extra.items():
        if isinstance(value, list):
            shown[name] = [str(each) for each in value]
        else:
            shown[name] = None if value is None else str(value)
    return shown
