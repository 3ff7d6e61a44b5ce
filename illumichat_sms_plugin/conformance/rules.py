"""All rules that can be tried, by the names that they have in ``docs/host-contract.md``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from illumichat_sms_plugin.conformance import (
    rules_of_callers,
    rules_of_chats,
    rules_of_contacts,
    rules_of_parts,
)
from illumichat_sms_plugin.conformance.trial import NotTried, RuleBroken, Trial


@dataclass(frozen=True, slots=True)
class Rule:
    """``check`` raises RuleBroken or NotTried. ``writes`` says whether it leaves chats or contacts behind."""

    name: str
    check: Callable[[Trial], None]
    writes: bool = True


RULES = (
    Rule("parts", rules_of_parts.parts, writes=False),
    Rule("optional", rules_of_parts.optional, writes=False),
    Rule("notices", rules_of_parts.notices),
    Rule("ids", rules_of_parts.ids, writes=False),
    Rule("addresses", rules_of_parts.addresses),
    Rule("guards", rules_of_callers.guards, writes=False),
    Rule("csrf", rules_of_callers.csrf, writes=False),
    Rule("roles", rules_of_callers.roles, writes=False),
    Rule("keys", rules_of_chats.keys_of_chats),
    Rule("threads", rules_of_chats.threads_of_chats),
    Rule("notes", rules_of_chats.notes),
    Rule("deleted-chats", rules_of_chats.deleted_chats),
    Rule("erasing", rules_of_chats.erasing),
    Rule("attachments", rules_of_chats.attachments),
    Rule("answers", rules_of_chats.answers),
    Rule("time", rules_of_callers.timeouts),
    Rule("failures", rules_of_callers.failures),
    Rule("contacts", rules_of_contacts.contacts),
    Rule("numbers", rules_of_contacts.numbers, writes=False),
    Rule("workspaces", rules_of_contacts.workspaces),
    Rule("transactions", rules_of_contacts.transactions),
)


def try_rules(trial: Trial, *, writes: bool) -> Iterator[tuple[Rule, str | None, bool]]:
    """Each rule, the sentence about it if there is one, and whether it was broken."""
    for rule in RULES:
        if rule.writes and not writes:
            continue
        try:
            rule.check(trial)
        except RuleBroken as error:
            yield rule, str(error), True
        except NotTried as reason:
            yield rule, str(reason), False
        else:
            yield rule, None, False
