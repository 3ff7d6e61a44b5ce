"""The Messages resource: create, list, fetch, update and delete. Their media are in rest_media.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from flask import Blueprint, Response, g, jsonify, request
from werkzeug.datastructures import MultiDict

from demo.twilio_simulator.access import hang
from demo.twilio_simulator.connections import reset_connection
from demo.twilio_simulator.errors import ApiError
from demo.twilio_simulator.outbound import read_message
from demo.twilio_simulator.paging import page_2010
from demo.twilio_simulator.records import Message
from demo.twilio_simulator.representations import message_json
from demo.twilio_simulator.rest_media import add_media_routes

if TYPE_CHECKING:
    from demo.twilio_simulator.simulator import Simulator

MESSAGES = "/2010-04-01/Accounts/<account_sid>/Messages"


def add_message_routes(blueprint: Blueprint, sim: Simulator) -> None:
    """Add the routes of messages and their media."""
    _add_create(blueprint, sim)
    _add_list_and_fetch(blueprint, sim)
    _add_update_and_delete(blueprint, sim)
    add_media_routes(blueprint, sim, find_message)


def find_message(sim: Simulator, account_sid: str, sid: str) -> Message:
    """The account's message; Twilio's own automatic answers and deleted ones are not found."""
    message = sim.store.messages.get(sid)
    if message is None or message.account_sid != account_sid or not is_listed(message):
        raise ApiError(20404, path=request.path)
    return message


def is_listed(message: Message) -> bool:
    """Whether the REST API shows the message at all."""
    return not message.deleted and message.created_by != "automatic"


def _add_create(blueprint: Blueprint, sim: Simulator) -> None:
    @blueprint.post(f"{MESSAGES}.json")
    def create_message(account_sid: str) -> Response | tuple[Response, int]:  # noqa: ARG001
        form, account = request.form, g.account
        pair = (form.get("From"), form.get("To"))
        refusal = sim.faults.take("api_error", *pair, account_sid=account.sid, struck="POST Messages")
        if refusal:
            raise ApiError(
                int(refusal.params["code"]),
                to=pair[1] or "",
                from_=pair[0] or "",
                url=form.get("StatusCallback", ""),
                account=account.sid,
            )
        with sim.store.lock:
            message = read_message(sim.store, account, form, form.getlist("MediaUrl"))
            body = message_json(message)
            g.log.message_sid = message.sid
        if account.test_credentials:
            return jsonify(body), 201
        sim.lifecycle.begin(message)
        return _after_accepting(sim, message) or (jsonify(body), 201)


def _after_accepting(sim: Simulator, message: Message) -> Response | None:
    """Faults that strike when the message exists already; None for an ordinary answer."""

    def struck(kind: str) -> dict[str, object] | None:
        fault = sim.faults.take(kind, message.from_, message.to, struck=message.sid)
        if fault is not None:
            g.log.fault = kind
        return fault.params if fault else None

    if params := struck("hang_after_accepting"):
        hang(request, sim.scheduler, float(str(params["seconds"])))
    if struck("reset_after_accepting") is not None:
        reset_connection(request.environ)
    if struck("error_after_accepting") is not None:
        raise ApiError(20500)
    return jsonify({}) if struck("no_sid") is not None else None


def _add_list_and_fetch(blueprint: Blueprint, sim: Simulator) -> None:
    @blueprint.get(f"{MESSAGES}.json")
    def list_messages(account_sid: str) -> Response:
        wanted = (lambda m: m.account_sid == account_sid, *_filters(request.args), is_listed)
        with sim.store.lock:
            rows = list(reversed(sim.store.messages.values()))
            for test in wanted:
                rows = [m for m in rows if test(m)]
            page = page_2010(
                rows, "messages", request.path, request.args, show=message_json, sid=lambda m: m.sid
            )
        return jsonify(page)

    @blueprint.get(f"{MESSAGES}/<sid>.json")
    def fetch_message(account_sid: str, sid: str) -> Response:
        with sim.store.lock:
            return jsonify(message_json(find_message(sim, account_sid, sid)))


def _filters(args: MultiDict[str, str]) -> list[Callable[[Message], bool]]:
    """What the query asks for. A message that was not sent yet has no date and passes no date filter."""
    tests: list[Callable[[Message], bool]] = []
    if to := args.get("To"):
        tests.append(lambda m: m.to == to)
    if from_ := args.get("From"):
        tests.append(lambda m: m.from_ == from_)
    for name in ("DateSent", "DateSent<", "DateSent>"):
        if not (text := args.get(name)):
            continue
        first, last = _moments(text, name)
        if name != "DateSent<":
            tests.append(lambda m, first=first: m.date_sent is not None and m.date_sent >= first)  # type: ignore[misc]
        if name != "DateSent>":
            tests.append(lambda m, last=last: m.date_sent is not None and m.date_sent < last)  # type: ignore[misc]
    return tests


def _moments(text: str, name: str) -> tuple[float, float]:
    """What a date filter names, as [first, last): a day, or for "before" and "after" also a second."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError as error:
            raise ApiError(20422, name=name) from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if name == "DateSent" or len(text) == len("2026-01-31"):
        start = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return start.timestamp(), (start + timedelta(days=1)).timestamp()
    start = moment.replace(microsecond=0)
    return start.timestamp(), (start + timedelta(seconds=1)).timestamp()


def _add_update_and_delete(blueprint: Blueprint, sim: Simulator) -> None:
    @blueprint.post(f"{MESSAGES}/<sid>.json")
    def update_message(account_sid: str, sid: str) -> Response:
        with sim.store.change():
            message = find_message(sim, account_sid, sid)
            if "Body" in request.form:
                if request.form["Body"]:
                    raise ApiError(20422, name="Body")
                message.body = ""
            if "Status" in request.form:
                if request.form["Status"] != "canceled":
                    raise ApiError(20422, name="Status")
                if message.status not in ("scheduled", "accepted", "queued"):
                    raise ApiError(30409, status=message.status)
                message.status = "canceled"
            sim.store.save(message)
            return jsonify(message_json(message))

    @blueprint.delete(f"{MESSAGES}/<sid>.json")
    def delete_message(account_sid: str, sid: str) -> tuple[str, int]:
        with sim.store.change():
            message = find_message(sim, account_sid, sid)
            message.deleted, message.body = True, ""
            sim.store.save(message)
        return "", 204
