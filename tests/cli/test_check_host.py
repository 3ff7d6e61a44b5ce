"""``flask sms check-host``: what a running app shows of its rules."""

from __future__ import annotations

from pathlib import Path

from flask import Response

from tests.testing.hosts import SmallestHost


def test_a_sound_host_is_told_rule_by_rule(tmp_path: Path) -> None:
    app = SmallestHost().app(tmp_path)
    done = app.test_cli_runner().invoke(args=["sms", "check-host", "ast_support", "--write"])
    lines = [[line[:13].strip(), line[13:]] for line in done.output.splitlines()]
    assert done.exit_code == 0, done.output
    assert ["OK", "threads"] in lines
    assert ["Not checked", "roles: not tried: give Trial.people"] in lines


def test_a_broken_rule_is_a_sentence_and_an_exit_code(tmp_path: Path) -> None:
    app = SmallestHost().app(tmp_path)
    app.before_request(lambda: Response("Sign in first.", 401))
    done = app.test_cli_runner().invoke(args=["sms", "check-host", "ast_support"])
    assert done.exit_code == 1
    assert "Problem      Rule “guards”: POST /api/sms/webhook/ast_support" in done.output
    assert "1 of the rules is broken." in done.output


def test_without_writing_nothing_is_left_behind(tmp_path: Path) -> None:
    host = SmallestHost()
    app = host.app(tmp_path)
    app.test_cli_runner().invoke(args=["sms", "check-host", "ast_support"])
    with app.app_context():
        assert host["db"].session.query(host["Phone"]).count() == 0
        assert host["db"].session.query(host["Entry"]).count() == 0
