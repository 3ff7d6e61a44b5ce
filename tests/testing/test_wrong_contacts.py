"""A host whose contacts are wrong in one way is caught, also when other rules were tried before."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from illumichat_sms_plugin.conformance.rules import try_rules
from illumichat_sms_plugin.host import Contact
from tests.testing.hosts import SmallestHost

Spoil = Callable[[SmallestHost], None]


def looks_first_and_creates_then(host: SmallestHost) -> None:
    """Sound while one worker calls; two at once both find nothing."""
    made: dict[str, Contact] = {}

    def find_by_number(self: Any, workspace_id: str, number: str) -> Contact | None:
        return next((one for one in list(made.values()) if one.phone_number == number), None)

    def create(self: Any, workspace_id: str, *, number: str, source: str, key: str) -> Contact:
        if found := find_by_number(self, workspace_id, number):
            return found
        time.sleep(0.05)
        contact = Contact(str(len(made) + 1), number, number)
        made[contact.id] = contact
        return contact

    host["Contacts"].find_by_number, host["Contacts"].create = find_by_number, create


def creates_with_numbers_as_typed(host: SmallestHost) -> None:
    kept = host["Contacts"].create

    def create(self: Any, workspace_id: str, **given: Any) -> Contact:
        made = kept(self, workspace_id, **given)
        return Contact(made.id, made.name, "(202) 555-0143")

    host["Contacts"].create = create


def finds_nothing_that_it_created(host: SmallestHost) -> None:
    find = host["Contacts"].find_by_number

    def create(self: Any, workspace_id: str, *, number: str, source: str, key: str) -> Any:
        host["add_once"](host["Phone"](number=number))
        return find(self, workspace_id, number)

    host["Contacts"].create = create
    host["Contacts"].find_by_number = lambda self, workspace_id, number: None


def knows_only_ids_that_exist(host: SmallestHost) -> None:
    def get(self: Any, workspace_id: str, contact_ids: Any) -> dict[str, Contact]:
        numbers = {one: host["db"].session.get(host["Phone"], int(one)).number for one in contact_ids}
        return {one: Contact(one, number, number) for one, number in numbers.items()}

    host["Contacts"].get = get


def searches_for_nothing(host: SmallestHost) -> None:
    kept = host["Contacts"].search
    host["Contacts"].search = lambda self, workspace_id, text, *, limit: kept(self, "", "", limit=limit)


def finds_nothing(host: SmallestHost) -> None:
    host["Contacts"].search = lambda self, workspace_id, text, *, limit: []


def knows_no_limit(host: SmallestHost) -> None:
    kept = host["Contacts"].search
    host["Contacts"].search = lambda self, workspace_id, text, *, limit: kept(self, "", text, limit=99)


WRONG: list[tuple[Spoil, str]] = [
    (looks_first_and_creates_then, "“threads”: contacts.create with one key by 6 threads at once made several"),
    (creates_with_numbers_as_typed, "“numbers”: contacts.create gave a contact whose phone_number is not E.164"),
    (finds_nothing_that_it_created, "“contacts”: contacts.find_by_number did not find the contact"),
    (knows_only_ids_that_exist, "“contacts”: contacts.get with an id that no contact has raised AttributeError"),
    (searches_for_nothing, "“contacts”: contacts.search gave a contact whose name and number do not hold"),
    (finds_nothing, "“contacts”: contacts.search did not find a contact by its number"),
    (knows_no_limit, "“contacts”: contacts.search gave "),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "sentence"), WRONG, ids=[spoil.__name__ for spoil, _ in WRONG])
def test_a_wrong_host_is_caught_on_an_app_that_all_rules_share(
    tmp_path: Path, spoil: Spoil, sentence: str
) -> None:
    host = SmallestHost()
    app = host.app(tmp_path)
    spoil(host)
    said = {rule.name: said for rule, said, broken in try_rules(host.trial(app), writes=True) if broken}
    assert sentence in said["contacts"]


def test_ids_of_any_kind_may_be_asked_for(tmp_path: Path) -> None:
    """An id of nobody is made from one of somebody, so that a host can read it."""
    host = SmallestHost()
    app = host.app(tmp_path)
    kept, asked = host["Contacts"].get, []

    def get(self: Any, workspace_id: str, contact_ids: Any) -> Any:
        asked.extend(contact_ids)
        return kept(self, workspace_id, contact_ids)

    host["Contacts"].get = get
    found = {rule.name: said for rule, said, _ in try_rules(host.trial(app), writes=True)}
    assert found["contacts"] is None
    assert all(contact_id.isdecimal() for contact_id in asked)
