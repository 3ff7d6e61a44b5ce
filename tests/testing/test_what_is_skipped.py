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
        ("time", "time: not tried: give Trial.slow"),
        ("notices", "notices: not tried: the host has no notices"),
        ("erasing", "erasing: not tried: the host has no chats.erase"),
        ("attachments", "attachments: not tried: the host's chats.append takes no attachments"),
    ],
)
def test_a_skipped_rule_is_named_with_what_is_missing(tmp_path: Path, rule: str, reason: str) -> None:
    assert skipped(tmp_path, rule) == reason


def test_without_pages_there_is_no_form_to_try(tmp_path: Path) -> None:
    host = SmallestHost()
    app = host.app(tmp_path)
    trial = host.trial(app)
    del trial.host.pages  # type: ignore[attr-defined]
    with pytest.raises(pytest.skip.Exception, match="csrf: not tried: the host has no pages"):
        HostContract().test_the_host_keeps(trial, BY_NAME["csrf"])


def test_a_rule_that_is_left_out_with_a_reason_is_skipped_with_it(tmp_path: Path) -> None:
    reasons = {"time": "the assistant never waits"}
    assert skipped(tmp_path, "time", leave_out=reasons) == "time: left out: the assistant never waits"


def test_a_rule_that_is_left_out_without_a_reason_is_not_spoken_of(tmp_path: Path) -> None:
    host = SmallestHost()
    trial = host.trial(host.app(tmp_path), leave_out=["time"])
    HostContract().test_the_host_keeps(trial, BY_NAME["time"])
