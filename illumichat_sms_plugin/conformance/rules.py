"""All rules that can be tried, by the names that they have in ``docs/host-contract.md``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from illumichat_sms_plugin.conformance import (
    rules_of_callers,
    rules_of_chats,
    rules_of_contacts,
    rules_of_erasing,
    rules_of_parts,
    rules_of_people,
)
from illumichat_sms_plugin.conformance.trial import NotTried, RuleBroken, Trial, broken_rule, named


@dataclass(frozen=True, slots=True)
class Rule:
    """``check`` raises RuleBroken or NotTried. ``writes`` says whether it leaves chats or contacts behind."""

    name: str
    check: Callable[[Trial], None]
    writes: bool = True

    def try_on(self, trial: Trial) -> None:
        """The same, also for what a host raises where nobody expects it; a rule that is left out is not tried."""
        if self.name in trial.leave_out:
            reasons = trial.leave_out if isinstance(trial.leave_out, Mapping) else {}
            raise NotTried(f"left out: {reasons.get(self.name, 'without a reason')}")
        try:
            self.check(trial)
        except (RuleBroken, NotTried):
            raise
        except Exception as error:
            said = f"it could not be tried to its end: {named(error)}"
            raise broken_rule(self.name, said) from error


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
    Rule("erasing", rules_of_erasing.erasing),
    Rule("ended-chats", rules_of_people.ended_chats),
    Rule("people", rules_of_people.people),
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
            rule.try_on(trial)
        except RuleBroken as error:
            yield rule, str(error), True
        except NotTried as reason:
            yield rule, str(reason), False
        else:
            yield rule, None, False
