"""The assistant and the host's chat are told who texts."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.host import TEXTERS, Contact
from tests.services.answering.answers import on_twilio
from tests.support.channels import change, run_jobs
from tests.support.memory_host import ACME, MemoryHost
from tests.support.twilio_requests import TEXTER, text_in

DANA = Contact("cnt_dana", "Dana Reyes", TEXTER)


@pytest.fixture
def opened(host: MemoryHost, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A host of the version that hears of texters; yields with which contact each chat was opened."""
    host.contract_version = TEXTERS  # type: ignore[attr-defined]
    host.contacts.contacts[DANA.id] = (ACME.id, DANA, "typed")
    seen: list[Any] = []
    plain = host.chats.open

    def with_contact(*, contact: Contact | None, **wanted: str) -> str:
        seen.append(contact)
        return plain(**wanted)

    monkeypatch.setattr(host.chats, "open", with_contact)
    return seen


def test_a_known_texter_has_a_name_in_the_question_and_the_chat(
    texting: Flask, host: MemoryHost, opened: list[Any]
) -> None:
    change(texting, contact_matching=True)
    for _ in range(2):  # found with the first text, linked since
        text_in(texting)
        run_jobs(texting)
    assert [(asked.contact, asked.number) for asked in host.assistants.requests] == [(DANA, TEXTER)] * 2
    assert opened == [DANA]
    assert list(host.chats.titles.values()) == ["SMS Dana Reyes"]


def test_a_contact_that_is_gone_is_nobody(texting: Flask, host: MemoryHost, opened: list[Any]) -> None:
    change(texting, contact_matching=True)
    text_in(texting)
    run_jobs(texting)
    host.contacts.contacts.clear()
    text_in(texting)
    run_jobs(texting)
    assert host.assistants.requests[-1].contact is None
    assert host.assistants.requests[-1].number == TEXTER


def test_a_stranger_is_a_number(texting: Flask, host: MemoryHost, opened: list[Any]) -> None:
    text_in(texting)
    run_jobs(texting)
    assert host.assistants.requests[0].contact is None
    assert opened == [None]


def test_a_contact_that_has_only_its_number_as_a_name_gives_no_number_away(
    texting: Flask, host: MemoryHost, opened: list[Any]
) -> None:
    change(texting, contact_matching=True, auto_create_contacts=True)
    host.contacts.contacts.clear()
    text_in(texting)
    run_jobs(texting)
    (title,) = host.chats.titles.values()
    assert title == "SMS +1555•••4321 (1)"


def test_a_number_within_a_name_is_masked_too(texting: Flask, host: MemoryHost, opened: list[Any]) -> None:
    change(texting, contact_matching=True)
    host.contacts.contacts[DANA.id] = (ACME.id, Contact(DANA.id, "Dana (555) 765-4321", TEXTER), "typed")
    text_in(texting)
    run_jobs(texting)
    (title,) = host.chats.titles.values()
    assert title.startswith("SMS Dana")
    assert "765" not in title


def test_two_numbers_that_look_alike_have_two_titles(texting: Flask, host: MemoryHost) -> None:
    for number in ("+15557650001", "+15557660001"):
        text_in(texting, From=number)
    run_jobs(texting)
    assert len(set(host.chats.titles.values())) == 2


def test_contacts_that_cannot_be_read_keep_nobody_from_an_answer(
    texting: Flask, twilio: Any, host: MemoryHost, opened: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    change(texting, contact_matching=True)
    text_in(texting)
    run_jobs(texting)

    def broken(*_: Any) -> Any:
        raise RuntimeError("the contact book is closed")

    monkeypatch.setattr(host.contacts, "get", broken)
    text_in(texting, "And tomorrow?")
    run_jobs(texting)
    assert len(on_twilio(twilio)) == 2
    assert host.assistants.requests[-1].contact is None


def test_an_older_host_is_called_as_before(
    texting: Flask, host: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``MemoryHost`` says no version, and its ``chats.open`` takes no contact."""
    host.contacts.contacts[DANA.id] = (ACME.id, DANA, "typed")
    change(texting, contact_matching=True)
    text_in(texting)
    run_jobs(texting)
    monkeypatch.setattr(host.contacts, "get", lambda *_: pytest.fail("it would not hear of the contact"))
    text_in(texting)
    run_jobs(texting)
    assert len(host.assistants.requests) == 2
