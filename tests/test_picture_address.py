"""Which addresses of pictures are handed to Twilio."""

from __future__ import annotations

import pytest

from illumichat_sms_plugin.picture_address import public_picture

ADDRESSES = {
    "https://shop.example.com/kettle.png": True,
    "https://shop.example.com:443/a?b=c#d": True,
    "  https://shop.example.com/kettle.png ": True,
    "http://shop.example.com/kettle.png": False,
    "https://localhost/x.png": False,
    "https://127.0.0.1/x.png": False,
    "https://[::1]/x.png": False,
    "https://2130706433/x.png": False,
    "https://db.internal/x.png": False,
    "https://user:secret@shop.example.com/x.png": False,
    "https://shop.example.com:8443/x.png": False,
    "https://shop.example.com/a b.png": False,
    'https://shop.example.com/"><script>.png': False,
    "https://shop.example.com/\r\nX: y": False,
    "javascript:alert(1)": False,
    "data:image/png;base64,AAAA": False,
    "https://shop.example.com/" + "a" * 1000: False,
    "": False,
}


@pytest.mark.parametrize(("url", "good"), ADDRESSES.items(), ids=[url[:40] or "none" for url in ADDRESSES])
def test_only_a_public_https_address_goes_out(url: str, good: bool) -> None:
    assert public_picture(url) == (url.strip() if good else None)
