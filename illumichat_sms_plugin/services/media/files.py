"""One attachment: what it is, or why it could not be had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from illumichat_sms_plugin.file_kinds import EXTENSIONS, kind_of, picture_size
from illumichat_sms_plugin.languages.wording import say

PROBLEMS: Mapping[str, str] = {
    "late": say("Twilio did not hand it over in time."),
    "gone": say("Twilio does not have it any more."),
    "refused": say("Twilio did not let this account have it."),
    "large": say("It is larger than 5 MB."),
    "elsewhere": say("Its address is not one of Twilio's addresses for media."),
    "unreachable": say("Twilio could not be reached for it."),
    "kind": say("It is of a kind that is not taken."),
    "off": say("Attachments are not fetched here."),
    "old": say("It is older than attachments are kept."),
    "space": say("It has made room for newer ones."),
}
"""Why there is no file, for people."""
UNKNOWN = say("It could not be fetched.")
_GROUPS = {"image": "picture", "audio": "recording", "application": "document", "text": "file"}


@dataclass(frozen=True, slots=True)
class File:
    """The attachment at ``position`` (from 0) of a text. Without ``data`` there is a ``problem``."""

    position: int
    content_type: str
    data: bytes | None = field(default=None, repr=False)
    problem: str = ""
    size: tuple[int, int] | None = None
    """Width and height of a picture that says so."""

    @property
    def name(self) -> str:
        """One that is made up: the sender's may say anything."""
        return file_name(self.position, self.content_type)

    @property
    def sentence(self) -> str:
        """Why there is no content; empty when there is."""
        return sentence_of(self.problem)


def file_name(position: int, content_type: str) -> str:
    """Such as ``picture-1.jpg``."""
    group = _GROUPS.get(content_type.partition("/")[0], "file")
    ending = EXTENSIONS.get(content_type, "")
    return f"{group}-{position + 1}" + (f".{ending}" if ending else "")


def sentence_of(problem: str | None) -> str:
    """A problem for people."""
    return PROBLEMS.get(problem, UNKNOWN) if problem else ""


def read_file(position: int, declared: str, data: bytes) -> File:
    """What has come, by its content."""
    kind = kind_of(data, declared)
    if kind is None:
        return File(position, declared, problem="kind")
    return File(position, kind, data, size=picture_size(data, kind))
