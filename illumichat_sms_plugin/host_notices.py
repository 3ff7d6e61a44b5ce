"""How a host is told that something is the matter: the optional part ``notices`` of the contract in ``host.py``."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class NoticeKind(StrEnum):
    """What the host is told about. Others may come in later versions: show the sentence."""

    NEEDS_ATTENTION = "needs_attention"
    """The channel does not work as it should, until somebody does something about it."""
    PAUSED = "paused"
    """Nothing is sent any more: a limit was reached, or somebody has stopped it."""
    LIMIT_AT_80 = "limit_at_80"
    """So much of a limit is used, in percent."""
    LOOP_STOPPED = "loop_stopped"
    """A texter looks like a machine and gets no more answers."""
    WANTS_A_PERSON = "wants_a_person"
    """A texter waits for a person's answer."""


class Notices(Protocol):
    """How the people of a workspace are told that something is the matter. A host may have it as ``notices``."""

    def notify(
        self, workspace_id: str, assistant_id: str, *, kind: str, sentence: str, url: str, key: str
    ) -> None:
        """Tell whoever looks after this assistant, such as by mail; the same key again changes nothing.

        ``kind`` is one of :class:`NoticeKind`, ``sentence`` says it in English, without a phone number. ``url`` leads to
        where something can be done, and is empty where the plugin has no pages. It is called by housekeeping, within a
        minute, once until it changes. An exception is logged, and the same is tried again. Return within ten seconds.
        """
