"""What Twilio says of the countries that an account may text, and what it may say wrongly."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from illumichat_sms_plugin.errors import TwilioInDoubt
from illumichat_sms_plugin.twilio_gateway.geo_permissions import closed_countries


def client(answer: object) -> Any:
    return SimpleNamespace(request=lambda *_, **__: SimpleNamespace(text=json.dumps(answer)))


def one(code: object, enabled: object) -> dict[str, object]:
    return {"country_code": code, "type": "country", "enabled": enabled}


@pytest.mark.parametrize(
    ("permissions", "closed"),
    [
        ([], set()),
        ([one("FR", True), one("US", False)], {"US"}),
        ([one("FR", False), one("US", False), one("DE", False)], {"FR", "US"}),  # DE was not asked for
        ([one("FR", "false"), one("US", None)], set()),
    ],
)
def test_countries_that_are_off(permissions: list[Any], closed: set[str]) -> None:
    assert closed_countries(client({"permissions": permissions}), ["US", "FR"]) == closed


@pytest.mark.parametrize(
    "answer", [{}, {"permissions": None}, {"permissions": [1]}, {"permissions": [{}]}, []]
)
def test_an_answer_that_is_not_understood_is_in_doubt(answer: object) -> None:
    with pytest.raises(TwilioInDoubt):
        closed_countries(client(answer), ["US"])
