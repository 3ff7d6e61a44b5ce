"""Media as Twilio keeps them: behind the credentials, by way of a CDN, until they are deleted."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import requests
from twilio.rest import Client

from demo.twilio_simulator import seed
from demo.twilio_simulator.simulator import Simulator

PHONE, OURS = "+15557650001", seed.SUPPORT_NUMBER
OWNER = (seed.ACCOUNT_SID, seed.AUTH_TOKEN)
VCARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann\r\nEND:VCARD\r\n"


@pytest.fixture
def url(twilio: Simulator) -> str:
    """The address of a vCard that a phone has sent."""
    twilio.text(PHONE, OURS, "my card", media=[("text/vcard", VCARD)])
    [message] = twilio.messages(from_=PHONE)
    path = f"/2010-04-01/Accounts/{seed.ACCOUNT_SID}/Messages/{message.sid}/Media/{message.media[0].sid}"
    return twilio.url + path


def get(url: str, **options: Any) -> requests.Response:
    return requests.get(url, timeout=5, **options)


def test_the_credentials_open_an_address_that_needs_none(twilio: Simulator, url: str) -> None:
    first = get(url, auth=OWNER, allow_redirects=False)
    assert first.status_code == 307
    at_the_cdn = first.headers["Location"]
    assert at_the_cdn.startswith(f"{twilio.url}/mms.twiliocdn.com/{seed.ACCOUNT_SID}/")
    file = get(at_the_cdn)
    assert (file.content, file.headers["Content-Type"]) == (VCARD, "text/vcard")


@pytest.mark.parametrize("auth", [None, (seed.ACCOUNT_SID, "wrong"), (seed.OTHER_ACCOUNT_SID, "wrong")])
def test_others_do_not_get_it(url: str, auth: tuple[str, str] | None) -> None:
    assert get(url, auth=auth, allow_redirects=False).status_code == 401


@pytest.mark.parametrize("query", ["", "?Expires=99999999999&Signature=0", "?Expires=x&Signature="])
def test_the_cdn_asks_for_a_signature(url: str, query: str) -> None:
    location = get(url, auth=OWNER, allow_redirects=False).headers["Location"]
    assert get(location.partition("?")[0] + query).status_code == 403


def test_media_are_listed_and_deleted(client: Client, url: str) -> None:
    _, message_sid, _, media_sid = url.rsplit("/", 3)
    message = client.messages(message_sid)
    assert [media.sid for media in message.media.list()] == [media_sid]
    assert message.media(media_sid).fetch().content_type == "text/vcard"
    assert message.media(media_sid).delete() is True
    assert message.media.list() == []
    assert get(url, auth=OWNER).status_code == 404


def test_the_control_api_takes_files(twilio: Simulator) -> None:
    card = {"content_type": "text/vcard", "data": base64.b64encode(VCARD).decode()}
    text = {"from": PHONE, "to": OURS, "media": [card, "image/png"]}
    assert requests.post(f"{twilio.url}/_sim/inbound", json=text, timeout=5).status_code == 202
    first, second = twilio.messages(from_=PHONE)[-1].media
    assert first.content() == VCARD
    assert second.content().startswith(b"\x89PNG")
    assert "data" not in get(f"{twilio.url}/_sim/state").json()["messages"][-1]["media"][0]


def test_an_attachment_can_be_lost(twilio: Simulator, url: str) -> None:
    twilio.add_fault("lost_media")
    assert get(url, auth=OWNER).status_code == 404
    assert get(url, auth=OWNER).status_code == 200
