"""An Account SID that Twilio has not confirmed joins nothing: it is what somebody typed, and public besides."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import illumichat_sms_plugin
from demo.twilio_simulator import seed
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.setup.ownership import Asked, Verdict
from illumichat_sms_plugin.services.setup.release_number import take_from_wrong_holder
from illumichat_sms_plugin.services.setup.try_credentials import try_credentials
from illumichat_sms_plugin.twilio_gateway.values import Credentials
from tests.support.channels import OWNER, connect, inbound
from tests.support.twilio_requests import ACCOUNT_SID, AUTH_TOKEN, NUMBER, text_in

PACKAGE = Path(illumichat_sms_plugin.__file__).parent

JOINS = {
    "services/doctor/check_account.py:_last_week",
    "services/inbound/addressee.py:_holder",
    "services/setup/try_credentials.py:_taken",
}
"""Queries that find one channel by another's Account SID."""
OWN = {
    "services/inbound/authenticate.py:_is_own_account": "the form of a request and the channel whose key has signed it",
    "services/inbound/rejection_diagnosis.py:_by_content": "the same, to explain a refusal",
    "services/setup/release_number.py:take_from_wrong_holder": "both confirmed: Twilio has just said yes to one",
    "services/setup/ask_and_save.py:_without_known_secrets": "a channel before and after a save",
    "services/setup/complete_credentials.py:complete_credentials": "a channel before and after a save",
    "services/setup/save_channel.py:_write": "a channel before and after a save",
    "services/setup/what_to_try.py:_fill_in": "what was typed and the same channel's stored token",
    "services/texters/erase_at_twilio.py:_delete_at_twilio": "a channel now and when its texts were erased",
    "twilio_gateway/media.py:media_place": "the address of an attachment and the channel whose text it came with",
    "blueprints/pages/settings.py:_fill_in": "what was typed and the same channel's settings",
}
"""Comparisons that join no two channels, and what they compare."""


def comparisons() -> Iterator[tuple[str, str]]:
    """Every function of the package that compares an Account SID, with its source."""
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and any(map(_compares, ast.walk(node))):
                name = f"{path.relative_to(PACKAGE).as_posix()}:{node.name}"
                yield name, ast.get_source_segment(source, node) or ""


def _compares(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "in_":
        return "account_sid" in ast.unparse(node.func.value)
    if not isinstance(node, ast.Compare) or all(isinstance(op, ast.Is | ast.IsNot) for op in node.ops):
        return False
    return "account_sid" in ast.unparse(node)


def test_every_comparison_of_an_account_sid_is_known() -> None:
    """A new one is put into one of the two tables above, and held to what stands there."""
    assert {name for name, _ in comparisons()} == JOINS | OWN.keys()


def test_every_query_that_joins_asks_for_the_confirmation() -> None:
    for name, source in comparisons():
        if name in JOINS:
            assert "SmsChannel.confirmed_at.is_not(None)" in source, name


DRAFT = Verdict(Asked.REFUSED, error_code=20003)
SQUATTED = {"verdict": DRAFT, "auth_token": "e" * 32}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestADraftWithOurAccountSid:
    """Somebody of another workspace has typed our Account SID and one of our numbers."""

    def test_gets_no_text_of_ours(self, connected: Flask) -> None:
        connect(connected, "ast_globex", phone_number=seed.SALES_NUMBER, **SQUATTED)
        assert text_in(connected, To=seed.SALES_NUMBER).status_code == 200
        assert [row.channel_id for row in inbound(connected)] == [1]

    def test_refuses_no_text_of_ours(self, connected: Flask) -> None:
        connect(connected, "ast_globex", phone_number=NUMBER, **SQUATTED)
        assert text_in(connected).status_code == 200

    def test_takes_no_number_from_us(self, make: Any, twilio: Any) -> None:
        app = make(SMS_TWILIO_API_URL=twilio.url)
        connect(app, "ast_globex", **SQUATTED)
        with app.app_context():
            runtime = current_runtime()
            assert take_from_wrong_holder(runtime, Credentials(ACCOUNT_SID, Secret(AUTH_TOKEN)), NUMBER)
            assistant = runtime.host.assistants.find("ast_support")
            report = try_credentials(
                runtime,
                assistant,
                account_sid=ACCOUNT_SID,
                auth_token=Secret(AUTH_TOKEN),
                phone_number=NUMBER,
                by=OWNER,
            )
        assert report.works
        assert not report.taken
