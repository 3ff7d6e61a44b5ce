"""Everything that is stored of one texter, for the person who asked for it: read page by page while it is sent.

Attached files are named, and read one by one from their own address. Erased texters have nothing to export. What the
host keeps (chat, contact) is the host's to add.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row

from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services import audit
from illumichat_sms_plugin.services.rate_limit import spend
from illumichat_sms_plugin.services.sessions.conversation import (
    ConsentEvent,
    Text,
    consent_events,
    texts_after,
)
from illumichat_sms_plugin.services.sessions.not_sent import NotSent, not_sent
from illumichat_sms_plugin.services.sessions.session_list import find_session, require_session
from illumichat_sms_plugin.services.sessions.session_view import Session, Viewer

EXPORTED = "texter_exported"
MOST_TEXTS = 50_000
"""Texts of one export; a document with more is of no use to anybody."""
MOST_NOT_SENT = 2_000
"""Texts of one export that never went out, the newest."""
PAGE = 200
"""Texts held in memory at once."""
MOST_ENTRIES = 20_000
"""Entries of the channel's audit, the newest first, that are looked through."""
EXPORTS, PERIOD = 30, 600
"""So many exports by one person within so many seconds."""


class Export:
    """What is stored of the texter of one session. Read ``texts`` before ``audit``, which looks for their ids too."""

    def __init__(self, session: Session, channel_id: int) -> None:
        self.session = session
        self._channel_id = channel_id
        self._texts: set[int] = set()
        self.is_complete = True
        """False once ``texts`` has ended at ``MOST_TEXTS``, or ``not_sent`` at ``MOST_NOT_SENT``."""

    @property
    def consent(self) -> list[ConsentEvent]:
        """Opt-outs, opt-ins and agreements, oldest first."""
        return list(consent_events(self.session.id))

    def texts(self) -> Iterator[Text]:
        """Oldest first."""
        after = 0
        while page := texts_after(self.session.id, after, limit=PAGE):
            for text in page:
                if len(self._texts) == MOST_TEXTS:
                    self.is_complete = False
                    return
                self._texts.add(text.id)
                yield text
            after = page[-1].id

    def not_sent(self) -> list[NotSent]:
        """Suggestions of the assistant and texts of people that never went out, oldest first."""
        found = not_sent(self.session.id, limit=MOST_NOT_SENT + 1)
        self.is_complete = self.is_complete and len(found) <= MOST_NOT_SENT
        return found[-MOST_NOT_SENT:]

    def audit(self) -> Iterator[Row[Any]]:
        """What people did to the session and its texts, newest first."""
        before, left = None, MOST_ENTRIES
        while left > 0:
            rows = audit.recent_entries(self._channel_id, limit=min(500, left), before=before)
            yield from (row for row in rows if self._is_about_it(row))
            if len(rows) < min(500, left):
                return
            before, left = rows[-1].id, left - len(rows)

    def _is_about_it(self, entry: Row[Any]) -> bool:
        return any(
            (change.get("field") == "session" and change.get("value") == self.session.id)
            or (change.get("field") == "text" and change.get("value") in self._texts)
            for change in entry.changes
        )


def export_texter(
    runtime: Runtime, channel_id: int | None, session_id: int, viewer: Viewer, *, by: Person
) -> Export:
    """What is stored of this session's texter; that it was exported is written down. NotFound, RateLimited."""
    require_session(channel_id, session_id)
    assert channel_id is not None  # noqa: S101 - else there is no session
    spend(
        f"export/person/{by.id}",
        limit=EXPORTS,
        period=PERIOD,
        too_often=say("Texters were exported too often."),
    )
    session = find_session(runtime, channel_id, viewer, session_id)
    with transaction() as connection:
        audit.record(connection, channel_id, by, EXPORTED, [audit.about("session", session_id)])
    return Export(session, channel_id)
