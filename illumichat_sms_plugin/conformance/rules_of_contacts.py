"""Contacts: keys, numbers, workspaces; and whether what is written is there for others."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable
from typing import TypeVar

from flask import Flask

from illumichat_sms_plugin.conformance.trial import Trial, at_once, broken, new_key, not_tried, well
from illumichat_sms_plugin.host import Contact, HostWithoutPages
from illumichat_sms_plugin.models.which_database import engine

Result = TypeVar("Result")
CALLERS = 6
E164 = re.compile(r"\+[1-9][0-9]{1,14}")


def contacts(trial: Trial) -> None:
    """One contact for one number, found again; the same key, the same contact."""
    workspace, number, key = trial.assistant.workspace.id, trial.new_number(), new_key()

    def create(host: HostWithoutPages) -> Contact:
        return host.contacts.create(workspace, number=number, source="sms", key=key)

    made = at_once(trial, CALLERS, create, "contacts.create with one key")
    if len({contact.id for contact in made}) > 1:
        broken("threads", f"contacts.create with one key by {CALLERS} threads at once made several contacts")
    known = made[0]
    with trial.call() as host:
        again = well("keys", "contacts.create with a key that was used", create, host)
    if again.id != known.id:
        broken("keys", f"contacts.create gave {again.id!r} for a number that the contact {known.id!r} has")
    _is_e164(known, "contacts.create gave")
    with trial.call() as host:
        found = host.contacts.find_by_number(workspace, number)
    if found is None or found.id != known.id:
        broken("contacts", "contacts.find_by_number did not find the contact that contacts.create had made")
    _is_e164(found, "contacts.find_by_number gave")
    _are_got(trial, known)
    _are_searched(trial, known, number)


def _are_got(trial: Trial, known: Contact) -> None:
    """Of two ids, one of nobody, the contact is got that exists."""
    what = "contacts.get with an id that no contact has"
    with trial.call() as host:
        ids = [known.id, _of_nobody(known.id)]
        got = well("contacts", what, host.contacts.get, trial.assistant.workspace.id, ids)
    if set(got) != {known.id}:
        broken("contacts", f"contacts.get gave {sorted(got)}, not the one contact of two ids that exists")


def _are_searched(trial: Trial, known: Contact, number: str) -> None:
    """Of two contacts, one is found by its number; and of both, one where the limit is 1."""
    workspace, another = trial.assistant.workspace.id, trial.new_number()
    with trial.call() as host:
        other = host.contacts.create(workspace, number=another, source="sms", key=new_key())
    with trial.call() as host:
        found = {contact.id for contact in host.contacts.search(workspace, number, limit=20)}
    if known.id not in found:
        broken("contacts", "contacts.search did not find a contact by its number")
    if other.id in found:
        broken("contacts", "contacts.search gave a contact whose name and number do not hold the text")
    for text in ("", trial.number[:-2]):
        with trial.call() as host:
            some = host.contacts.search(workspace, text, limit=1)
        if len(some) > 1:
            broken("contacts", f"contacts.search gave {len(some)} contacts where the limit was 1")


def _of_nobody(contact_id: str) -> str:
    """An id that looks like this one: a greater number, or one with other hexadecimal digits."""
    if contact_id.isdecimal():
        return str(int(contact_id) + 1_000_000)
    return re.sub("[0-9a-f]", lambda _: secrets.choice("0123456789abcdef"), contact_id)


def _is_e164(contact: Contact, what: str) -> None:
    if contact.phone_number is not None and not E164.fullmatch(contact.phone_number):
        broken("numbers", f"{what} a contact whose phone_number is not E.164, such as +15551234567")


def numbers(trial: Trial) -> None:
    """A number is E.164, however people typed it."""
    if trial.typed is None:
        not_tried("typed")
    workspace = trial.assistant.workspace.id
    with trial.call() as host:
        found = host.contacts.find_by_number(workspace, trial.typed)
    if found is None:
        broken(
            "numbers", f"contacts.find_by_number({trial.typed!r}) did not find the contact with this number"
        )
    _is_e164(found, "contacts.find_by_number gave")


def workspaces(trial: Trial) -> None:
    """A contact is its workspace's alone."""
    if trial.other_assistant_id is None:
        not_tried("other_assistant_id")
    workspace, number = trial.assistant.workspace.id, trial.new_number()
    with trial.call() as host:
        other = host.assistants.find(trial.other_assistant_id)
        if other is None or other.workspace.id == workspace:
            broken("workspaces", f"{trial.other_assistant_id!r} is no assistant of another workspace")
        made = host.contacts.create(workspace, number=number, source="sms", key=new_key())
    with trial.call() as host:
        if host.contacts.find_by_number(other.workspace.id, number) is not None:
            broken("workspaces", "contacts.find_by_number found a contact of another workspace")
        if host.contacts.get(other.workspace.id, [made.id]):
            broken("workspaces", "contacts.get gave a contact of another workspace")
        if any(found.id == made.id for found in host.contacts.search(other.workspace.id, "", limit=50)):
            broken("workspaces", "contacts.search found a contact of another workspace")


def transactions(trial: Trial) -> None:
    """What was written is there for everybody when the method returns, and no connection is kept after the call."""
    workspace, before = trial.assistant.workspace.id, _in_use(trial.app)
    number = trial.new_number()
    with trial.call() as host:
        made = host.contacts.create(workspace, number=number, source="sms", key=new_key())
        seen = _elsewhere(trial, lambda host: host.contacts.find_by_number(workspace, number))
        if seen is None or seen.id != made.id:
            broken("transactions", "contacts.create returned before others could see the contact")
        key = new_key()
        chat = host.chats.open(assistant_id=trial.assistant_id, title="A trial", key=key)
        again = _elsewhere(
            trial, lambda host: host.chats.open(assistant_id=trial.assistant_id, title="A trial", key=key)
        )
        if again != chat:
            broken("transactions", "chats.open returned before others could see the chat")
    if (after := _in_use(trial.app)) > before:
        broken("transactions", f"{after - before} database connections were kept after the call")


def _elsewhere(trial: Trial, work: Callable[[HostWithoutPages], Result]) -> Result | None:
    """What another thread gets at this moment; None when it fails or waits too long for a lock."""
    found: list[Result] = []

    def one() -> None:
        with trial.call() as host:
            found.append(work(host))

    thread = threading.Thread(target=one, daemon=True)
    thread.start()
    thread.join(10.0)
    return found[0] if found else None


def _in_use(app: Flask) -> int:
    """Connections that are checked out; 0 for a pool that does not say."""
    with app.app_context():
        count = getattr(engine().pool, "checkedout", None)
    return int(count()) if callable(count) else 0
