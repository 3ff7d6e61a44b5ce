"""What an error of the API is called, for programs."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException, abort

from illumichat_sms_plugin.blueprints.api import config as api_config
from illumichat_sms_plugin.blueprints.api.errors import json_for_http_error
from tests.support.visitors import visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "bad_request"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (404, "not_found"),
        (409, "conflict"),
        (413, "too_large"),
        (418, "bad_request"),
        (429, "rate_limit"),
        (500, "internal"),
        (503, "internal"),
    ],
)
def test_every_status_has_its_word(app: Flask, status: int, code: str):
    with app.test_request_context(), pytest.raises(HTTPException) as caught:
        abort(status)
    with app.test_request_context():
        answer = json_for_http_error(caught.value)
    assert (answer.status_code, answer.get_json()["code"]) == (status, f"{code}:api")


def test_a_mistake_of_ours_is_json_and_says_nothing_of_itself(app: Flask, monkeypatch: pytest.MonkeyPatch):
    def broken(*args: Any) -> Any:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(api_config, "read_settings", broken)
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = visit(app).get("/api/sms/config/ast_support")
    assert answer.status_code == 500
    assert answer.json is not None
    assert answer.json["code"] == "internal:api"
    assert "secret of the house" not in answer.text
