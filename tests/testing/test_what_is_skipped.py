"""What the kit did not try it names, with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from illumichat_sms_plugin.conformance.rules import RULES
from illumichat_sms_plugin.testing import HostContract
from tests.testing.hosts import SmallestHost

BY_NAME = {rule.name: rule for rule in RULES}


def skipped(folder: Path, rule: str, **given: Any) -> str:
    """Why the test of this rule was skipped."""
    host = SmallestHost()
    with pytest.raises(pytest.skip.Exception) as why:
        HostContract().test_the_host_keeps(host.trial(host.app(folder), **given), BY_NAME[rule])
    return str(why.value)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("people", "people: not tried: the host is of a version before 4, and has no chats.handled_by"),
        ("ended-chats", "ended-chats: not tried: the host has no chats.close"),
        ("time", "time: not tried: give Trial.slow"),
        ("notices", "notices: not tried: the host has no notices"),
        ("erasing", "erasing: not tried: the host has neither chats.erase nor contacts.forget"),
        ("attachments", "attachments: not tried: the host's chats.append takes no attachments"),
    ],
)
def test_a_skipped_rule_is_named_with_what_is_missing(tmp_path: Path, rule: str, reason: str) -> None:
    assert skipped(tmp_path, rule) == reason


def test_a_rule_that_is_left_out_with_a_reason_is_skipped_with_it(tmp_path: Path) -> None:
    reasons = {"time": "the assistant never waits"}
    assert skipped(tmp_path, "time", leave_out=reasons) == "time: left out: the assistant never waits"


def test_a_rule_that_is_left_out_without_a_reason_is_skipped_as_well(tmp_path: Path) -> None:
    assert skipped(tmp_path, "time", leave_out=("time",)) == "time: left out: without a reason"


def test_contacts_are_not_tried_where_every_number_is_taken(tmp_path: Path) -> None:
    host = SmallestHost()
    app = host.app(tmp_path)
    with app.app_context():
        host["db"].session.add_all(host["Phone"](number=f"+120255501{ending:02}") for ending in range(100))
        host["db"].session.commit()
    with pytest.raises(pytest.skip.Exception, match=r"all numbers \+120255501… have contacts"):
        HostContract().test_the_host_keeps(host.trial(app), BY_NAME["contacts"])
