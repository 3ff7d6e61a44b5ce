"""What texters attach, for those who may see it, and as nothing but what it is."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from demo.twilio_simulator.placeholder import PLACEHOLDER_PNG
from tests.support.attached import CARD, PNG, text_with
from tests.support.channels import connect, run_jobs, sql
from tests.support.twilio_requests import text_in
from tests.support.visitors import visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGE, API = "/sms/ast_support/sessions/1", "/api/sms/sessions/ast_support/1"


@pytest.fixture
def attached(texting: Flask, twilio: Any) -> Flask:
    """A text with a picture and a contact card, fetched."""
    text_with(texting, twilio, PNG, CARD)
    run_jobs(texting)
    return texting


def shown(app: Flask) -> BeautifulSoup:
    return BeautifulSoup(visit(app, "member").get(PAGE).text, "html.parser")


def test_a_picture_is_shown_and_a_file_is_offered(attached: Flask) -> None:
    soup = shown(attached)
    picture = soup.select_one(".sms-picture img")
    assert picture is not None
    assert (picture["width"], picture["height"], picture["loading"]) == ("160", "120", "lazy")
    assert visit(attached, "member").get(str(picture["src"])).data == PLACEHOLDER_PNG
    file = soup.select_one(".sms-media a")
    assert file is not None
    assert file.get_text() == "file-2.vcf"
    assert visit(attached, "member").get(str(file["href"])).data == CARD[1]


@pytest.mark.parametrize("at", [PAGE, API])
def test_the_browser_is_told_to_take_it_for_nothing_else(attached: Flask, at: str) -> None:
    picture, card = (visit(attached, "admin").get(f"{at}/files/{number}") for number in (1, 2))
    for answer in (picture, card):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert (picture.headers["Content-Type"], picture.headers["Content-Disposition"]) == (
        "image/png",
        'inline; filename="picture-1.png"',
    )
    assert card.headers["Content-Type"] == "text/vcard; charset=utf-8"
    assert card.headers["Content-Disposition"] == 'attachment; filename="file-2.vcf"'


@pytest.mark.parametrize("at", [PAGE, API])
def test_another_workspaces_admin_does_not_get_it(attached: Flask, at: str) -> None:
    connect(attached, "ast_globex", account_sid="AC" + "9" * 32, phone_number="+15551230009")
    for visitor, path in (
        ("other admin", f"{at}/files/1"),
        ("owner", f"{at.replace('/1', '/2')}/files/1"),
        ("owner", f"{at}/files/99"),
        ("owner", f"{at}/files/1%20OR%201=1"),
    ):
        answer = visit(attached, visitor).get(path)
        assert answer.status_code == 404, path
        assert PLACEHOLDER_PNG not in answer.data
    assert visit(attached, "guest").get(f"{at}/files/1").status_code == 403


def test_a_file_of_another_session_is_not_reached_through_ones_own(attached: Flask, twilio: Any) -> None:
    text_in(attached, "hi", From="+15557650099")
    assert visit(attached, "owner").get("/sms/ast_support/sessions/2/files/1").status_code == 404


def test_a_picture_that_unpacks_to_gigabytes_is_not_shown(attached: Flask) -> None:
    sql(attached, "UPDATE sms_media SET width = 60000, height = 60000 WHERE id = 1")
    assert shown(attached).select(".sms-picture") == []
    answer = visit(attached, "owner").get(f"{PAGE}/files/1")
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_what_could_not_be_had_says_why(attached: Flask) -> None:
    sql(attached, "UPDATE sms_media SET data = NULL, problem = 'large' WHERE id = 1")
    assert "Attachment: image/png It is larger than 5 MB." in " ".join(shown(attached).get_text().split())
    assert visit(attached, "owner").get(f"{PAGE}/files/1").status_code == 404


def test_the_api_describes_them(attached: Flask) -> None:
    [text] = [each for each in visit(attached, "member").get(f"{API}/messages").json["data"] if each["files"]]
    assert text["media"] == ["image/png", "text/vcard"]
    assert text["files"][0] == {
        "id": "1",
        "name": "picture-1.png",
        "contentType": "image/png",
        "size": len(PLACEHOLDER_PNG),
        "width": 160,
        "height": 120,
        "problem": None,
    }
