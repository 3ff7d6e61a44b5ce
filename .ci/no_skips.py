"""Pytest plugin of the CI run: a test that was skipped there has not been run, and that fails the run.

``ALLOWED`` is for tests that no CI machine can run, with the reason beside each.
"""

from __future__ import annotations

import pytest

ALLOWED: frozenset[str] = frozenset()
"""Node ids that may be skipped."""


class SkippedTests:
    """Collects what was skipped, by whatever worker."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail") and report.nodeid not in ALLOWED:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.found[report.nodeid] = reason

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that skipped itself."""
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A whole module that skipped itself."""
        self._note(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turn a good end into a bad one when something was skipped."""
        if self.found and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name them."""
        if self.found:
            terminalreporter.section("skipped, and in CI nothing may be")
            for nodeid, reason in sorted(self.found.items()):
                terminalreporter.line(f"{nodeid}: {reason}")


def pytest_configure(config: pytest.Config) -> None:
    """Watch in the process that decides the exit status; xdist's workers report to it."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(SkippedTests(), "skipped-tests")
