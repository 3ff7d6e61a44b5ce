"""The rules as tests: a class that a host's maintainer subclasses."""

from __future__ import annotations

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
        try:
            rule.try_on(trial)
        except RuleBroken as error:
            if error.__cause__ is not None:
                raise  # with the traceback of what nobody expected
            pytest.fail(str(error), pytrace=False)
        except NotTried as reason:
            pytest.skip(f"{rule.name}: {reason}")
