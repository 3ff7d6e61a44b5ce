"""A small grey picture for the place of an attachment, made without any picture library."""

from __future__ import annotations

import struct
import zlib


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int) -> bytes:
    """A picture of hills under a sky, 8-bit RGB."""
    rows = b""
    for y in range(height):
        row = bytearray()
        for x in range(width):
            hill = height * 0.62 + ((x - width * 0.35) ** 2) / (width * 2.2)
            far = height * 0.5 + ((x - width * 0.8) ** 2) / (width * 1.4)
            row += bytes((86, 125, 88) if y > hill else (122, 156, 140) if y > far else (196, 216, 235))
        rows += b"\0" + bytes(row)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


PLACEHOLDER_PNG = _png(160, 120)
