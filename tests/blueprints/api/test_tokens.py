"""The rotation of the Auth Token as JSON: the steps of the page."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from demo.twilio_simulator import seed
from tests.support.visitors import visit

CONFIG = "/api/sms/config/ast_support"
NEXT = {"nextAuthToken": seed.SECONDARY_AUTH_TOKEN}


def call(app: Flask, method: str, path: str = "", **kwargs: Any) -> TestResponse:
    return visit(app).open(f"{CONFIG}/token{path}", method=method, **kwargs)


def test_a_token_is_added_made_the_main_one_and_the_other_dropped(texting: Flask):
    added = call(texting, "POST", json=NEXT)
    assert added.status_code == 200
    assert added.json is not None
    assert added.json["hasNextAuthToken"] is True
    swapped = call(texting, "POST", "/main", json={"version": added.json["version"]})
    assert swapped.status_code == 200
    assert swapped.json is not None
    again = call(texting, "POST", "/main", json={"version": added.json["version"]})
    assert (again.status_code, again.json and again.json["code"]) == (409, "conflict:api")
    dropped = call(texting, "DELETE", query_string={"version": swapped.json["version"]})
    assert dropped.status_code == 204
    config = visit(texting).get(CONFIG).json
    assert config is not None
    assert (config["hasAuthToken"], config["hasNextAuthToken"]) == (True, False)
    assert seed.SECONDARY_AUTH_TOKEN not in str((added.json, swapped.json, config))


def test_a_token_that_twilio_does_not_accept_is_named(texting: Flask):
    answer = call(texting, "POST", json={"nextAuthToken": "0" * 32})
    assert answer.status_code == 400
    assert answer.json is not None
    assert "nextAuthToken" in answer.json["details"]


@pytest.mark.parametrize(("method", "path"), [("POST", "/main"), ("DELETE", "")])
def test_without_a_second_token_there_is_nothing_to_do(texting: Flask, method: str, path: str):
    answer = call(texting, method, path, json={} if path else None)
    assert (answer.status_code, answer.json and answer.json["code"]) == (409, "conflict:api")
