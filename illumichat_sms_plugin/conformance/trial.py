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

from illumichat_sms_plugin.host import Assistant, HostWithoutPages
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
    """A phone number that no contact has yet."""
    typed: str | None = None
    """The number, in E.164, of a contact that people typed in another way."""
    other_assistant_id: str | None = None
    """An assistant of another workspace."""
    people: Mapping[str, Callable[[], FlaskClient]] = field(default_factory=dict)
    """Test clients by role (``owner``, ``admin``, ``member``, ``guest``), ``OUTSIDER`` and ``STRANGER``."""
    read: Callable[[str], Sequence[str]] | None = None
    """The contents of a chat, oldest first."""
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

    Where they have reasons (``{"time": "the assistant never waits"}``), each test is skipped with its own; else it passes.
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

    def new_chat(self) -> str:
        """A chat that nobody has written to."""
        with self.call() as host:
            return host.chats.open(assistant_id=self.assistant_id, title="A trial", key=new_key())


def new_key() -> str:
    """A key that was never used."""
    return f"trial-{secrets.token_hex(8)}"


def broken(rule: str, sentence: str) -> NoReturn:
    """Raise :class:`RuleBroken`."""
    raise RuleBroken(f"Rule “{rule}”: {sentence}. See {CONTRACT}#{rule}.")


def not_tried(what: str) -> NoReturn:
    """Raise :class:`NotTried`: the trial lacks ``what``."""
    raise NotTried(f"not tried: give Trial.{what}")


def says_nothing(why: str) -> NoReturn:
    """Raise :class:`NotTried`: the rule is about something that this host does not have, as ``why`` says."""
    raise NotTried(f"not tried: {why}")


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
        broken(
            "threads", f"{what} by {callers} threads at once raised {type(errors[0]).__name__}: {errors[0]}"
        )
    if len(done) < callers:
        broken("threads", f"{what} by {callers} threads at once did not return within {PATIENCE:.0f} seconds")
    return done
