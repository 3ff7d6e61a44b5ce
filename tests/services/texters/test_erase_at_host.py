"""Erasing a texter asks the host to erase its chats and its contact, once and for all, where it can be asked."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsHostErasure
from illumichat_sms_plugin.services.texters.erase_at_host import AtHost, ErasedAtHost
from illumichat_sms_plugin.services.texters.erased_words import in_words
from tests.support.channels import change, keep_house, run_jobs, sessions, sql
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in
from tests.support.visitors import visit


@pytest.fixture
def known(texting: Flask, host: MemoryHost) -> str:
    """A texter with a chat and a contact."""
    change(texting, auto_create_contacts=True)
    text_in(texting, "Hello?")
    run_jobs(texting)
    return f"/api/sms/sessions/ast_support/{sessions(texting)[0].id}"


def left(app: Flask) -> int:
    return int(sql(app, f"SELECT count(*) FROM {SmsHostErasure.__tablename__}").scalar())


def erases(host: MemoryHost, chat: Any = None, contact: Any = None) -> list[str]:
    """Let the host erase; what it was asked."""
    asked: list[str] = []

    def way(does: Any) -> Any:
        def erase(id: str) -> Any:
            asked.append(id)
            return does() if callable(does) else does

        return erase

    host.chats.erase = way(chat)  # type: ignore[attr-defined]
    host.contacts.forget = way(contact)  # type: ignore[attr-defined]
    return asked


def test_an_older_host_is_not_asked_and_the_admin_is_told(texting: Flask, known: str) -> None:
    admin = visit(texting, "admin")
    page = admin.get(f"/sms/ast_support/sessions/{sessions(texting)[0].id}/erase").text
    assert "It does not delete what belongs to the platform" in page
    assert admin.delete(known).json == {"texts": 2, "chats": "not_asked", "contact": "not_asked"}
    assert left(texting) == 0


def test_a_host_that_can_erases_and_may_keep(texting: Flask, host: MemoryHost, known: str) -> None:
    asked = erases(host, contact=False)
    admin = visit(texting, "admin")
    at = f"/sms/ast_support/sessions/{sessions(texting)[0].id}"
    assert "The platform is asked to delete" in admin.get(f"{at}/erase").text
    response = admin.post(f"{at}/erase")
    page = admin.get(response.location).text
    assert "The chat is erased on the platform, too." in page
    assert "The contact is not erased: the platform keeps it" in page
    assert asked == ["conv_1", "cnt_1"]
    keep_house(texting)
    assert len(asked) == 2
    assert left(texting) == 0


def test_what_the_host_cannot_do_now_is_asked_again(texting: Flask, host: MemoryHost, known: str) -> None:
    away = [True]

    def erase() -> None:
        if away:
            away.pop()
            raise ConnectionError("the host's database is away")

    asked = erases(host, chat=erase)
    assert visit(texting, "admin").delete(known).json["chats"] == "waiting"
    assert sessions(texting) == [], "ours is gone all the same"
    keep_house(texting)
    assert left(texting) == 1, "not due yet"
    sql(texting, "UPDATE sms_host_erasures SET try_at = '2020-01-01 00:00:00+00:00'")
    keep_house(texting)
    assert left(texting) == 0
    assert asked == ["conv_1", "cnt_1", "conv_1"]


def test_a_texter_without_chat_or_contact_asks_nothing(texting: Flask, host: MemoryHost) -> None:
    asked = erases(host)
    text_in(texting, "STOP")
    session = sessions(texting)[0].id
    found = visit(texting, "admin").delete(f"/api/sms/sessions/ast_support/{session}").json
    assert (found["chats"], found["contact"], asked) == ("nothing", "nothing", [])


@pytest.mark.parametrize("chats", AtHost)
@pytest.mark.parametrize("contact", AtHost)
def test_every_outcome_has_its_words(chats: AtHost, contact: AtHost) -> None:
    words = in_words(ErasedAtHost(chats, contact))
    assert words.count(".") == sum(each is not AtHost.NOTHING for each in (chats, contact))
