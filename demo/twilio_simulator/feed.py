"""What the phones page polls: the conversations of its phones, faults, the debugger, the traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo.twilio_simulator.control_faults import kind_json
from demo.twilio_simulator.fault_kinds import KINDS
from demo.twilio_simulator.faults import as_json
from demo.twilio_simulator.records import ApiRequest, Message, Webhook
from demo.twilio_simulator.representations import error_message
from demo.twilio_simulator.rest_media import cdn_path
from demo.twilio_simulator.store import Store

if TYPE_CHECKING:
    from demo.twilio_simulator.simulator import Simulator

MESSAGES_PER_PHONE = 200
LINES = 60


def feed(sim: Simulator, phones: list[str]) -> dict[str, Any]:
    """Everything the page shows."""
    store = sim.store
    return {
        "version": store.version,
        "numbers": numbers(store),
        "accounts": accounts(store),
        "phones": {phone: _conversation(store, phone) for phone in phones},
        "faults": [as_json(fault) for fault in sim.faults.all if fault.active],
        "holding": sim.callbacks.holding,
        "held": len(sim.callbacks.held),
        "debugger": [
            {"code": e.code, "level": e.level, "message": e.message, "url": e.url, "at": e.at}
            for e in list(store.debugger)[-LINES:]
        ],
        "traffic": _traffic(store),
    }


def numbers(store: Store) -> list[dict[str, Any]]:
    """The owned numbers and where their texts go."""
    shown = []
    for number in store.numbers.values():
        account = store.accounts.get(number.account_sid)
        application = store.applications.get(number.sms_application_sid)
        shown.append(
            {
                "phone_number": number.phone_number,
                "account": account.friendly_name if account else "nobody",
                "account_status": account.status if account else "",
                "account_type": account.type if account else "",
                "balance": f"{account.balance} {account.currency}" if account else "",
                "sms_url": application.sms_url if application else number.sms_url,
                "sms_method": number.sms_method,
                "application": application.friendly_name if application else "",
                "sms_capable": number.sms_capable,
            }
        )
    return sorted(shown, key=lambda item: item["phone_number"])


def accounts(store: Store) -> list[dict[str, Any]]:
    """The accounts with what their owners read on the first page of Twilio's console."""
    return [
        {
            "name": account.friendly_name,
            "credentials": {
                "Account SID": account.sid,
                "Auth Token": account.auth_token,
                **(
                    {"Secondary Auth Token": account.secondary_auth_token}
                    if account.secondary_auth_token
                    else {}
                ),
                **{
                    f"API Key “{key.friendly_name}”: {part}": value
                    for key in store.api_keys.values()
                    if key.account_sid == account.sid
                    for part, value in (("SID", key.sid), ("Secret", key.secret))
                },
            },
        }
        for account in store.accounts.values()
    ]


def fault_groups() -> list[dict[str, Any]]:
    """The kinds of fault in groups, for the page's panel."""
    titles = {
        "delivery": "Delivery of a message",
        "api": "Twilio's REST API",
        "callback": "Status callbacks",
        "webhook": "Webhooks of inbound texts",
        "account": "The Twilio account",
        "number": "The Twilio number",
    }
    return [
        {"title": title, "kinds": [kind_json(kind) for kind in KINDS.values() if kind.stage == stage]}
        for stage, title in titles.items()
    ]


def _conversation(store: Store, phone: str) -> list[dict[str, Any]]:
    mine = [m for m in store.messages.values() if phone in (m.from_, m.to)][-MESSAGES_PER_PHONE:]
    inbound = {hook.message_sid: hook for hook in store.webhooks if hook.kind == "inbound"}
    return [_message(message, inbound.get(message.sid)) for message in mine]


def _message(message: Message, hook: Webhook | None) -> dict[str, Any]:
    return {
        "sid": message.sid,
        "from": message.from_,
        "to": message.to,
        "body": message.body,
        "media": [
            {"url": cdn_path(message.account_sid, media.sid), "content_type": media.content_type}
            for media in message.media
        ],
        "inbound": message.direction == "inbound",
        "created_by": message.created_by,
        "status": message.status,
        "error_code": message.error_code,
        "error": error_message(message.error_code),
        "segments": message.num_segments,
        "at": message.date_created,
        "webhook": _webhook(hook) if hook else None,
    }


def _webhook(hook: Webhook) -> dict[str, Any]:
    last = hook.attempts[-1] if hook.attempts else None
    return {
        "outcome": hook.outcome,
        "status_code": hook.status_code,
        "problem": last.detail if last else "",
        "tries": len(hook.attempts),
    }


def _traffic(store: Store) -> list[dict[str, Any]]:
    """The last REST requests and webhooks in order of time."""
    lines = [_request_line(r) for r in list(store.requests)[-LINES:]]
    lines += [_webhook_line(w) for w in list(store.webhooks)[-LINES:]]
    return sorted(lines, key=lambda line: line["at"])[-LINES:]


def _request_line(entry: ApiRequest) -> dict[str, Any]:
    path = entry.path.replace("/2010-04-01/Accounts/", "").partition("/")[2] or "Account"
    result = "no answer" if entry.status is None else str(entry.status)
    return {
        "at": entry.at,
        "way": "in",
        "what": f"{entry.method} {path}",
        "result": f"{result} ({entry.code})" if entry.code else result,
        "ok": entry.status is not None and entry.status < 400,
    }


def _webhook_line(hook: Webhook) -> dict[str, Any]:
    what = f"callback {hook.status}" if hook.status else f"{hook.kind} webhook"
    result = str(hook.status_code) if hook.status_code else hook.outcome
    if hook.outcome == "failed" and hook.attempts and hook.attempts[-1].detail:
        result = hook.attempts[-1].detail
    if len(hook.attempts) > 1:
        result += f", {len(hook.attempts)} tries"
    if hook.faults:
        result += f" · {', '.join(hook.faults)}"
    return {
        "at": hook.started_at,
        "way": "out",
        "what": what,
        "result": result,
        "ok": hook.outcome in ("ok", "waiting"),
    }
