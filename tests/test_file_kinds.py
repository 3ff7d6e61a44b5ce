"""What a file is, by its content and whatever it calls itself."""

from __future__ import annotations

import struct
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.twilio_simulator.placeholder import PLACEHOLDER_PNG
from illumichat_sms_plugin.file_kinds import EXTENSIONS, kind_of, picture_size

HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(10) + b"\xff\xc0\x00\x11\x08\x00\x20\x00\x40" + bytes(10)
VCARD = b"BEGIN:VCARD\r\nFN:Ann\r\nEND:VCARD\r\n"


def archive() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("zeros", bytes(1_000_000))
    return file.getvalue()


FILES = {
    "a PNG": (PLACEHOLDER_PNG, "image/png", "image/png"),
    "a PNG that calls itself a JPEG": (PLACEHOLDER_PNG, "image/jpeg", "image/png"),
    "a PNG of which nothing is known": (PLACEHOLDER_PNG, "file", "image/png"),
    "a PNG that calls itself a recording": (PLACEHOLDER_PNG, "audio/amr", None),
    "a JPEG": (JPEG, "image/jpeg", "image/jpeg"),
    "a GIF": (b"GIF89a" + bytes(20), "image/gif", "image/gif"),
    "a WebP": (b"RIFF\x00\x00\x00\x00WEBPVP8X" + bytes(20), "image/webp", "image/webp"),
    "an iPhone's picture": (b"\x00\x00\x00\x18ftypheic" + bytes(9), "image/heic", "image/heic"),
    "a PDF": (b"%PDF-1.7\n", "application/pdf", "application/pdf"),
    "a recording of a phone": (b"#!AMR\n\x3c", "audio/amr", "audio/amr"),
    "an MP3": (b"ID3\x04" + bytes(9), "audio/mpeg", "audio/mpeg"),
    "a WAV": (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/x-wav", "audio/wav"),
    "a recording in a container of films": (
        b"\x00\x00\x00\x18ftyp3gp4" + bytes(9),
        "audio/3gpp",
        "audio/3gpp",
    ),
    "a film": (b"\x00\x00\x00\x18ftypisom" + bytes(9), "video/mp4", None),
    "a contact card": (VCARD, "text/x-vcard", "text/vcard"),
    "a contact card that is called text": (VCARD, "text/plain", "text/vcard"),
    "a text": ("Grüße\n".encode(), "text/plain", "text/plain"),
    "a text that calls itself a card": (b"hello", "text/vcard", "text/plain"),
    "HTML named image/png": (HTML, "image/png", None),
    "HTML": (HTML, "text/html", None),
    "HTML named text": (HTML, "text/plain", "text/plain"),
    "SVG": (SVG, "image/svg+xml", None),
    "an archive": (archive(), "application/zip", None),
    "an archive named image/png": (archive(), "image/png", None),
    "a program": (b"\x7fELF" + bytes(60), "application/octet-stream", None),
    "bytes that are no text": (b"\x00\x01\x02", "text/plain", None),
    "nothing": (b"", "text/plain", None),
}


@pytest.mark.parametrize(("data", "declared", "kind"), FILES.values(), ids=list(FILES))
def test_the_content_says_what_a_file_is(data: bytes, declared: str, kind: str | None) -> None:
    assert kind_of(data, declared) == kind


SIZES = {
    "PNG": (PLACEHOLDER_PNG, "image/png", (160, 120)),
    "PNG that would unpack to gigabytes": (
        PLACEHOLDER_PNG[:16] + struct.pack(">II", 60000, 60000) + PLACEHOLDER_PNG[24:],
        "image/png",
        (60000, 60000),
    ),
    "PNG that ends": (PLACEHOLDER_PNG[:20], "image/png", None),
    "JPEG": (JPEG, "image/jpeg", (64, 32)),
    "JPEG that ends": (JPEG[:22], "image/jpeg", None),
    "GIF": (b"GIF89a\x40\x00\x20\x00", "image/gif", (64, 32)),
    "WebP": (
        b"RIFF\x00\x00\x00\x00WEBPVP8X" + bytes(8) + b"\x3f\x00\x00\x1f\x00\x00",
        "image/webp",
        (64, 32),
    ),
    "PDF": (b"%PDF-1.7", "application/pdf", None),
}


@pytest.mark.parametrize(("data", "kind", "size"), SIZES.values(), ids=list(SIZES))
def test_a_picture_says_how_large_it_is(data: bytes, kind: str, size: tuple[int, int] | None) -> None:
    assert picture_size(data, kind) == size


@given(
    data=st.binary(max_size=200),
    start=st.sampled_from([b"", b"\xff\xd8\xff", b"RIFF1234WEBPVP8 ", b"GIF89a"]),
)
def test_whatever_comes_it_is_one_of_the_kinds_or_none(data: bytes, start: bytes) -> None:
    kind = kind_of(start + data, "file")
    assert kind is None or kind in EXTENSIONS
    if kind is not None:
        picture_size(start + data, kind)
