"""``flask sms options`` shows and changes every option, those that only operators see too."""

from __future__ import annotations

import pytest
from flask import Flask

from illumichat_sms_plugin.channel_options import OPTIONS
from illumichat_sms_plugin.option_kinds import Lines, Option
from tests.cli.test_commands import run
from tests.support.channels import change
from tests.support.options import another
from tests.support.visitors import visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OPTIONS_OF = ("sms", "options", "ast_support")


@pytest.fixture
def connected(connected: Flask) -> Flask:
    """With every option at its default."""
    change(connected, introduce=True)
    return connected


@pytest.mark.parametrize("option", OPTIONS.values(), ids=OPTIONS)
def test_an_option_is_changed_shown_and_audited(connected: Flask, option: Option) -> None:
    value = another(option)
    typed = ",".join(value) if isinstance(option, Lines) else option.typed(value)
    code, said = run(connected, *OPTIONS_OF, f"{option.name}={typed}")
    shown = f"{option.name}={option.in_words(option.check(value))}"
    assert (code, shown in said.splitlines()) == (0, True), said
    assert run(connected, *OPTIONS_OF) == (0, said)
    page = visit(connected).get("/sms/ast_support").text
    assert "flask sms options" in page
    assert f"{option.label}: " in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("no_such=1", "with one of these names: enabled, "),
        ("enabled", "Write NAME=VALUE"),
        ("enabled=perhaps", "enabled: Say on or off."),
        ("max_message_length=20", "at least 50"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(connected: Flask, change: str, words: str) -> None:
    before = run(connected, *OPTIONS_OF)
    code, said = run(connected, *OPTIONS_OF, change)
    assert (code, words in said) == (1, True), said
    assert run(connected, *OPTIONS_OF) == before


def test_an_assistant_that_the_host_does_not_have_is_refused(app: Flask) -> None:
    code, said = run(app, "sms", "options", "ast_nobody", "enabled=off")
    assert (code, "no such assistant" in said) == (1, True)
