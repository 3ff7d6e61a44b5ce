"""What a file is, by its content: the kinds that a texter may send, and nothing else.

What the sender, the carrier or Twilio calls it decides nothing but the words for what is text, for HTML called
``image/png`` is no picture. A picture whose format can hold a script (SVG) and an archive are no kind of ours.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Kinds that every browser shows, and that hold nothing but a picture."""
MOST_PIXELS = 50_000_000
"""A picture with more is not shown in a page: a few kilobytes can unpack to gigabytes."""
TEXTS = {
    "text/plain": "text/plain",
    "text/x-vcard": "text/vcard",
    "text/vcard": "text/vcard",
    "text/directory": "text/vcard",
    "text/calendar": "text/calendar",
    "text/csv": "text/csv",
}
EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/avif": "avif",
    "application/pdf": "pdf",
    "audio/amr": "amr",
    "audio/mpeg": "mp3",
    "audio/aac": "aac",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/mp4": "m4a",
    "audio/3gpp": "3gp",
    "text/vcard": "vcf",
    "text/plain": "txt",
    "text/calendar": "ics",
    "text/csv": "csv",
}
"""Every kind that is taken, with the end of its file's name."""

_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"#!AMR", "audio/amr"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
)
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"mif1", b"msf1"), "image/heic"),
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"M4A ", b"M4B "), "audio/mp4"),
}
_AUDIO_IN_A_FILM = {"audio/mp4": "audio/mp4", "audio/m4a": "audio/mp4", "audio/3gpp": "audio/3gpp"}
"""A container of films that its sender calls audio. Nothing plays it as a film here."""
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\f")


def kind_of(data: bytes, declared: str) -> str | None:
    """The content type of ``data``, or None for what is not taken; ``declared`` is the one that came with it."""
    found = _by_its_start(data, declared)
    if found is not None:
        return found if _agrees(found, declared) else None
    if declared in TEXTS and _is_text(data):
        is_card = data.lstrip(b"\xef\xbb\xbf \r\n\t")[:11].upper() == b"BEGIN:VCARD"
        return "text/vcard" if is_card else ("text/plain" if declared not in _NOT_CARDS else declared)
    return None


_NOT_CARDS = ("text/calendar", "text/csv")


def _agrees(found: str, declared: str) -> bool:
    """What calls itself a picture is one, and so on; ``file`` and octets are nothing in particular."""
    vague = declared in ("", "file", "application/octet-stream", "binary/octet-stream")
    return vague or found.partition("/")[0] == declared.partition("/")[0]


def _by_its_start(data: bytes, declared: str) -> str | None:
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(data[8:12])
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12]) or _AUDIO_IN_A_FILM.get(declared)
    if len(data) > 3 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        return "audio/aac" if data[1] & 0xF6 == 0xF0 else "audio/mpeg"
    return None


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return bool(data) and not _CONTROL & set(data)


def picture_size(data: bytes, kind: str) -> tuple[int, int] | None:
    """Width and height, as the picture itself says; None where it does not."""
    try:
        return _SIZES[kind](data) if kind in _SIZES else None
    except (struct.error, IndexError):
        return None


def _png(data: bytes) -> tuple[int, int] | None:
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def _gif(data: bytes) -> tuple[int, int] | None:
    width, height = struct.unpack("<HH", data[6:10])
    return width, height


def _webp(data: bytes) -> tuple[int, int] | None:
    chunk = data[12:16]
    if chunk == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif chunk == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif chunk == b"VP8 ":
        width, height = (number & 0x3FFF for number in struct.unpack("<HH", data[26:30]))
    else:
        return None
    return width, height


def _jpeg(data: bytes) -> tuple[int, int] | None:
    """Skip from marker to marker until the frame's header; each step goes forward."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return None


_SIZES: dict[str, Callable[[bytes], tuple[int, int] | None]] = {
    "image/png": _png,
    "image/gif": _gif,
    "image/webp": _webp,
    "image/jpeg": _jpeg,
}
