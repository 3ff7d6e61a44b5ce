"""What is attached to the texts of a session, for those who look at it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from illumichat_sms_plugin.errors import NotFound
from illumichat_sms_plugin.file_kinds import MOST_PIXELS, PICTURES
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import SmsMedia
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.media import KEPT_HERE
from illumichat_sms_plugin.services.media.files import file_name, sentence_of

NO_SUCH_FILE = say("There is no such file, or not any more.")
NOT_FETCHED = say("It was not fetched.")


@dataclass(frozen=True, slots=True)
class ShownFile:
    """One attachment. Without ``id`` there is nothing to be had, and ``problem`` says why."""

    content_type: str
    name: str
    id: int | None = None
    size: int = 0
    """Bytes."""
    width: int | None = None
    height: int | None = None
    problem: str = ""

    @property
    def is_picture(self) -> bool:
        """Whether a page may show it as a picture."""
        return self.id is not None and is_shown(self.content_type, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Content:
    """A file as it is sent to a browser."""

    file: ShownFile
    data: bytes


def is_shown(content_type: str, width: int | None, height: int | None) -> bool:
    """Whether a browser may unpack it into a page."""
    return content_type in PICTURES and 0 < (width or 0) * (height or 0) <= MOST_PIXELS


def files_of(rows: Sequence[Row[Any]]) -> Mapping[int, tuple[ShownFile, ...]]:
    """What is attached to these messages, by message; asks for nothing where none has anything attached."""
    attached = {
        row.id: [str(item.get("content_type") or "file") for item in row.media] for row in rows if row.media
    }
    if not attached:
        return {}
    columns = (column for column in SmsMedia.__table__.c if column.name != "data")
    wanted = select(*columns, KEPT_HERE.label("kept")).where(SmsMedia.message_id.in_(attached))
    found: dict[int, dict[int, ShownFile]] = defaultdict(dict)
    with transaction() as connection:
        for row in connection.execute(wanted):
            found[row.message_id][row.position] = _shown(row)
    return {
        message: tuple(
            found[message].get(position) or ShownFile(kind, file_name(position, kind), problem=NOT_FETCHED)
            for position, kind in enumerate(kinds)
        )
        for message, kinds in attached.items()
    }


def _shown(row: Any) -> ShownFile:
    size = row.size, row.width, row.height
    name = file_name(row.position, row.content_type)
    return ShownFile(row.content_type, name, row.id if row.kept else None, *size, sentence_of(row.problem))


def read_content(session_id: int, file_id: int) -> Content:
    """A file of the session; NotFound when it has none with this id, or has it no more."""
    wanted = select(SmsMedia.__table__).where(SmsMedia.id == file_id, SmsMedia.session_id == session_id)
    with transaction() as connection:
        row = connection.execute(wanted).first()
    if row is None or row.data is None:
        raise NotFound(NO_SUCH_FILE)
    size = row.size, row.width, row.height
    return Content(
        ShownFile(row.content_type, file_name(row.position, row.content_type), row.id, *size), row.data
    )
