"""What the rules are tried with: the host's app, and what a host's maintainer can show of it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

from flask import Flask
from flask.testing import FlaskClient

from illumichat_sms_plugin.host import TEXTERS, Assistant, Contact, HostWithoutPages, version_of
from illumichat_sms_plugin.runtime import EXTENSION

Result = TypeVar("Result")

CONTRACT = "docs/host-contract.md"
STRANGER, OUTSIDER = "stranger", "outsider"
"""Nobody who is signed in; somebody who has no role in the assistant's workspace."""
PATIENCE = 30.0
"""Seconds that callers at the same moment are waited for."""


class RuleBroken(AssertionError):  # noqa: N818 - reads as what it is
    """The host breaks a rule; the sentence says which, and how it was seen."""


class NotTried(Exception):  # noqa: N818 - no error, but said like one
    """The rule was not tried, because something was not given or is not there; the sentence says what."""


@dataclass(frozen=True, kw_only=False)
class Trial:
    """One try of all rules, on an app with the plugin and its tables. The more is given, the more is tried.

    The rules write: chats, a contact. Use a database of the tests.
    """

    app: Flask
    assistant_id: str
    """An assistant that exists."""
    number: str = "+12025550143"
    """A phone number that no contact has yet. Once one has it, numbers that differ in the last two digits are tried."""
    typed: str | None = None
    """The number, in E.164, of a contact that people typed in another way."""
    other_assistant_id: str | None = None
    """An assistant of another workspace."""
    people: Mapping[str, Callable[[], FlaskClient]] = field(default_factory=dict)
    """Test clients by role (``owner``, ``admin``, ``member``, ``guest``), ``OUTSIDER`` and ``STRANGER``."""
    read: Callable[[str], Sequence[str]] | None = None
    """The contents of a chat with its notes, oldest first."""
    hears: Callable[[str], str] | None = None
    """All that the assistant is given to answer this chat."""
    slow: Callable[[], AbstractContextManager[Any]] | None = None
    """While it lasts, what the assistant waits for takes ten seconds."""
    fails: Callable[[], AbstractContextManager[Any]] | None = None
    """While it lasts, the assistant cannot answer, for a reason that the host expects."""
    delete_chat: Callable[[str], None] | None = None
    """Delete a chat as people do; None where nobody can."""
    told: Callable[[], Sequence[str]] | None = None
    """The sentences of all notices that somebody was told, of a host with ``notices``."""
    leave_out: Collection[str] | Mapping[str, str] = ()
    """Rules that say nothing about this host, such as ``time`` for an assistant that never waits.

    Their tests are skipped, with the reason where they have one: ``{"time": "the assistant never waits"}``.
    """

    @property
    def host(self) -> HostWithoutPages:
        """What the host handed to the plugin."""
        found: HostWithoutPages = self.app.extensions[EXTENSION].host
        return found

    @contextmanager
    def call(self) -> Iterator[HostWithoutPages]:
        """The host in an app context of its own, as a worker calls it."""
        with self.app.app_context():
            yield self.host

    @property
    def assistant(self) -> Assistant:
        """The assistant."""
        with self.call() as host:
            found = host.assistants.find(self.assistant_id)
        if found is None:
            broken("ids", f"assistants.find({self.assistant_id!r}) is None, although this assistant exists")
        return found

    @property
    def manager(self) -> Callable[[], FlaskClient] | None:
        """The client of somebody who may change the channel, if one was given."""
        return self.people.get("owner") or self.people.get("admin")

    def new_chat(self, contact: Contact | None = None) -> str:
        """A chat that nobody has written to."""
        return self.open_chat(new_key(), contact=contact)

    def open_chat(self, key: str, title: str = "A trial", contact: Contact | None = None) -> str:
        """Open a chat as the plugin does: hosts of version 5 and later are told who texts."""
        with self.call() as host:
            who: dict[str, Any] = {"contact": contact} if version_of(host) >= TEXTERS else {}
            return host.chats.open(assistant_id=self.assistant_id, title=title, key=key, **who)

    def new_number(self) -> str:
        """A number that no contact has: ``number``, or one that differs in the last two digits."""
        workspace = self.assistant.workspace.id
        others = [f"{self.number[:-2]}{ending:02}" for ending in range(100)]
        for number in (self.number, *secrets.SystemRandom().sample(others, len(others))):
            with self.call() as host:
                if host.contacts.find_by_number(workspace, number) is None:
                    return number
        raise NotTried(f"not tried: all numbers {self.number[:-2]}… have contacts; give another Trial.number")


def new_key() -> str:
    """A key that was never used."""
    return f"trial-{secrets.token_hex(8)}"


def broken(rule: str, sentence: str) -> NoReturn:
    """Raise :class:`RuleBroken`."""
    raise broken_rule(rule, sentence)


def broken_rule(rule: str, sentence: str) -> RuleBroken:
    """To be raised: the sentence with the rule's name and place."""
    return RuleBroken(f"Rule “{rule}”: {sentence}. See {CONTRACT}#{rule}.")


def not_tried(what: str) -> NoReturn:
    """Raise :class:`NotTried`: the trial lacks ``what``."""
    raise NotTried(f"not tried: give Trial.{what}")


def says_nothing(why: str) -> NoReturn:
    """Raise :class:`NotTried`: the rule is about something that this host does not have, as ``why`` says."""
    raise NotTried(f"not tried: {why}")


def named(error: Exception) -> str:
    """The kind of an error, with what it says."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def well(rule: str, what: str, work: Callable[..., Result], *given: Any, **by_name: Any) -> Result:
    """What ``work`` returns; a host that raises in ``what`` breaks the rule."""
    try:
        return work(*given, **by_name)
    except Exception as error:  # noqa: BLE001 - whatever the host raises is what it is tried for
        broken(rule, f"{what} raised {named(error)}")


def at_once(
    trial: Trial, callers: int, work: Callable[[HostWithoutPages], Result], what: str
) -> list[Result]:
    """Let so many threads do ``work`` at the same moment, each in an app context of its own."""
    start, done, errors = threading.Barrier(callers), list[Result](), list[Exception]()

    def one() -> None:
        with trial.call() as host:
            try:
                start.wait(PATIENCE)
                done.append(work(host))
            except Exception as error:  # noqa: BLE001 - whatever the host raises is what it is tried for
                errors.append(error)

    threads = [threading.Thread(target=one, daemon=True) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    if errors:
        broken("threads", f"{what} by {callers} threads at once raised {named(errors[0])}")
    if len(done) < callers:
        broken("threads", f"{what} by {callers} threads at once did not return within {PATIENCE:.0f} seconds")
    return done
