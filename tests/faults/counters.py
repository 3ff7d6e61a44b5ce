"""The roll-up of the analytics, kept at work while things break, and held against a recount.

Only hours that are over are rolled up, and a run takes seconds. So the texts of the run before are moved three
hours back, and some of them get their last status callback while the next fault rages.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import CursorResult, text

from demo.twilio_simulator import seed
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.analytics.changed_hours import mark_all_changed
from illumichat_sms_plugin.services.analytics.recount import Differences, differences, start_anew
from tests.faults.app import ASSISTANT, Assistants, create_app

AGE = timedelta(hours=3)
DAYS = 7
LATE = 30
"""So many of a run's answers get their last callback in the run after."""

MOVE = text("""
    UPDATE sms_messages
    SET created_at = created_at - :age, sent_at = sent_at - :age,
        accepted_at = accepted_at - :age, final_at = final_at - :age
    WHERE id > :after
    RETURNING channel_id, created_at
""")
OPEN_AGAIN = text("""
    UPDATE sms_messages SET status = 'sent', final_at = NULL
    WHERE id IN (SELECT id FROM sms_messages WHERE id > :after AND status = 'delivered' ORDER BY id LIMIT :count)
    RETURNING id, message_sid
""")


class Counters:
    """Looks at an installation's figures with the installation's own code, in this process."""

    def __init__(self, env: dict[str, str]) -> None:
        self._env = {**env, "FAULTS_ROLE": "suite"}
        self._status_url = f"{env['SMS_PUBLIC_URL']}/api/sms/status/{ASSISTANT}"
        self._app: Flask | None = None
        self._moved_until = 0

    def differing(self) -> Differences:
        """The figures that differ from a recount, after the roll-up was brought up to date."""
        assistant = Assistants().find(ASSISTANT)
        assert assistant is not None
        with self._context():
            return differences(current_runtime(), assistant, DAYS)

    def start_anew(self) -> None:
        """Throw all figures away; they are counted again."""
        assistant = Assistants().find(ASSISTANT)
        assert assistant is not None
        with self._context():
            start_anew(assistant)

    def age(self) -> list[tuple[int, str]]:
        """Move what was not moved before; returns (id, SID) of the answers that wait for a last callback."""
        after = {"after": self._moved_until}
        with self._context(), transaction() as connection:
            late = connection.execute(OPEN_AGAIN, after | {"count": LATE}).all()
            moved: CursorResult[Any] = connection.execute(MOVE, after | {"age": AGE})
            mark_all_changed(connection, moved.all())
            self._moved_until = connection.scalar(text("SELECT coalesce(max(id), 0) FROM sms_messages")) or 0
        return [(row.id, row.message_sid) for row in late]

    def call_back(self, late: list[tuple[int, str]], rng: random.Random, span: float) -> int:
        """Say of these, over ``span`` seconds, that they were delivered; returns how often that was heard."""
        start = time.monotonic()
        moments = sorted(rng.uniform(0, span) for _ in late)
        heard = 0
        for moment, (number, sid) in zip(moments, late, strict=True):
            time.sleep(max(0.0, start + moment - time.monotonic()))
            heard += self._delivered(number, sid)
        return heard

    def _delivered(self, number: int, sid: str) -> bool:
        url = f"{self._status_url}?m={number}"
        form = {"AccountSid": seed.ACCOUNT_SID, "MessageSid": sid, "MessageStatus": "delivered"}
        signed = url + "".join(name + value for name, value in sorted(form.items()))
        digest = hmac.new(seed.AUTH_TOKEN.encode(), signed.encode(), hashlib.sha1).digest()
        headers = {"X-Twilio-Signature": base64.b64encode(digest).decode()}
        body = urllib.parse.urlencode(form).encode()
        try:
            request = urllib.request.Request(url, body, headers)
            with urllib.request.urlopen(request, timeout=15) as answer:
                return bool(answer.status == 204)
        except OSError:  # whatever is broken now; Twilio too says it once
            return False

    @contextmanager
    def _context(self) -> Iterator[None]:
        """Leaves no connection behind: the database may be stopped before the next look."""
        if self._app is None:
            self._app = create_app(self._env)
        with self._app.app_context():
            try:
                yield
            finally:
                self._app.extensions["sqlalchemy"].engine.dispose()
