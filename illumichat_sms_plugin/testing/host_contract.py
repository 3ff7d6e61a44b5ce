"""The rules as tests: a class that a host's maintainer subclasses."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from illumichat_sms_plugin.conformance.rules import RULES, Rule
from illumichat_sms_plugin.conformance.trial import NotTried, RuleBroken, Trial


class HostContract:
    """Give a fixture ``trial``, and every rule is a test."""

    @pytest.fixture
    def trial(self) -> Trial:
        """To be overridden."""
        pytest.fail("Give a fixture “trial” that returns a Trial of your host.", pytrace=False)

    @pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
    def test_the_host_keeps(self, trial: Trial, rule: Rule) -> None:
        """One rule of ``docs/host-contract.md``."""
        if rule.name in trial.leave_out:
            if isinstance(trial.leave_out, Mapping):
                pytest.skip(f"{rule.name}: left out: {trial.leave_out[rule.name]}")
            return
        try:
            rule.check(trial)
        except RuleBroken as error:
            pytest.fail(str(error), pytrace=False)
        except NotTried as reason:
            pytest.skip(f"{rule.name}: {reason}")
