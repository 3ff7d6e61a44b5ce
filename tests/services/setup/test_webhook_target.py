"""What a number's webhook is to us, by its address alone."""

from __future__ import annotations

import pytest

from illumichat_sms_plugin.services.setup.webhook_target import _is_close


@pytest.mark.parametrize(
    "foreign",
    [
        "https://proxy.example.net/forward?to=https://chat.example.com/api/sms/webhook/ast_support",
        "https://proxy.example.net/x/https://chat.example.com/api/sms/webhook/ast_support",
        "https://chat.example.com/api/sms/webhook/AST_SUPPORT",
        "http://[broken",
    ],
)
def test_an_address_that_only_holds_ours_is_foreign(foreign: str) -> None:
    assert not _is_close(foreign, "https://chat.example.com/api/sms/webhook/ast_support")
