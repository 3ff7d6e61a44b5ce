"""People of the host who answer texters in the assistant's place: their way in, and what they did in a run."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.sms_channel import Refused, SmsChannel
from tests.faults.stores import LOOPBACK, PostgreSQL

ANN = Person("usr_ann", "Ann")
chat_box = Blueprint("chat_box", __name__)


@chat_box.post("/chats/<chat_id>/<deed>")
def act(chat_id: str, deed: str) -> Response:
    """What the host's chat page does for a person; it calls nothing but what the plugin offers."""
    sms: SmsChannel = current_app.extensions["illumichat_sms"].channel
    if deed == "take_over":
        return jsonify(done=sms.take_over(chat_id, ANN))
    if deed == "hand_back":
        return jsonify(done=sms.hand_back(chat_id, ANN))
    said = request.get_json()
    result = sms.send(chat_id, said["text"], ANN, said["key"])
    return jsonify(done=True, refused=result.reason.value if isinstance(result, Refused) else None)


@dataclass(frozen=True)
class Written:
    """A person's text that the host was told is kept."""

    code: str
    phone: str


@dataclass(frozen=True)
class Silence:
    """While a person answered: the session's last message when that began, and when it ended."""

    phone: str
    after: int
    until: int


@dataclass
class Deeds:
    """What people did in a run."""

    written: list[Written] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)


class People:
    """Whoever sits at the host. A click that nobody answered is clicked again, with the same key."""

    def __init__(self, database: PostgreSQL, port: int) -> None:
        self._database = database
        self._port = port
        self._since: dict[str, int] = {}
        self.deeds = Deeds()

    def chat_of(self, phone: str) -> str | None:
        """The chat of a texter, once there is one."""
        rows = self._database.rows("SELECT chat_id FROM sms_sessions WHERE phone_number = %s", phone)
        chat_id: str | None = rows[0][0] if rows else None
        return chat_id

    def write(self, phone: str, chat_id: str, code: str) -> None:
        """Send a text, twice with the same key, as a browser does that lost the first response."""
        for _ in range(2):
            said = self._click(chat_id, "send", {"text": f"A person says {code}", "key": code})
            assert said["refused"] is None, said["refused"]
        self.deeds.written.append(Written(code, phone))

    def take_over(self, phone: str, chat_id: str) -> None:
        """From now on a person answers, and the assistant must be silent."""
        assert self._click(chat_id, "take_over")["done"]
        self._since[phone] = self._last_message(phone)

    def hand_back(self, phone: str, chat_id: str) -> None:
        """The assistant answers again."""
        silence = Silence(phone, self._since.pop(phone), self._last_message(phone))
        self._click(chat_id, "hand_back")
        self.deeds.silences.append(silence)

    def _last_message(self, phone: str) -> int:
        last = """
            SELECT coalesce(max(id), 0) FROM sms_messages
            WHERE session_id IN (SELECT id FROM sms_sessions WHERE phone_number = %s)
        """
        return int(self._database.rows(last, phone)[0][0])

    def _click(self, chat_id: str, deed: str, said: dict[str, str] | None = None) -> dict[str, Any]:
        url = f"http://{LOOPBACK}:{self._port}/chats/{chat_id}/{deed}"
        body, kind = json.dumps(said or {}).encode(), {"Content-Type": "application/json"}
        deadline = time.monotonic() + 30
        while True:
            try:
                with urllib.request.urlopen(urllib.request.Request(url, body, kind), timeout=10) as answer:
                    done: dict[str, Any] = json.load(answer)
                    return done
            except (OSError, urllib.error.HTTPError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
