"""The simulator's own API, by which other processes look at it and steer it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from demo.twilio_simulator import Simulator, seed
from tests.twilio_simulator.receiver import Answer, Receiver

OURS, PHONE = seed.SUPPORT_NUMBER, seed.PHONES[0]


@pytest.fixture
def call(twilio: Simulator) -> Any:
    def call(method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        if method != "GET":
            options.setdefault("json", {} if body is None else body)
        return requests.request(method, f"{twilio.url}/_sim/{path}", timeout=10, **options)

    return call


def test_the_state_tells_messages_webhooks_and_callbacks(twilio: Simulator, app: Receiver, call: Any) -> None:
    twilio.text(PHONE, OURS, "Hello")
    requests.post(
        f"{twilio.url}/2010-04-01/Accounts/{seed.ACCOUNT_SID}/Messages.json",
        data={"To": PHONE, "From": OURS, "Body": "Hi", "StatusCallback": f"{app.url}/status"},
        auth=(seed.ACCOUNT_SID, seed.AUTH_TOKEN),
        timeout=5,
    )
    twilio.wait_idle()
    state = call("GET", "state").json()
    assert [(m["created_by"], m["from"], m["body"]) for m in state["messages"]] == [
        ("phone", PHONE, "Hello"),
        ("api", OURS, "Hi"),
    ]
    assert state["created_by_api"] == {f"{PHONE} {OURS}": [state["messages"][1]["sid"]]}
    assert [(w["kind"], w["status_code"], w["outcome"]) for w in state["webhooks"]] == [
        ("inbound", 200, "ok")
    ]
    assert [(w["status"], w["outcome"]) for w in state["callbacks"]] == [
        ("sending", "ok"),
        ("sent", "ok"),
        ("delivered", "ok"),
    ]
    assert [(r["method"], r["status"]) for r in state["requests"]] == [("POST", 201)]


def test_the_state_holds_no_token(twilio: Simulator, call: Any) -> None:
    text = call("GET", "state").text
    tokens = (seed.AUTH_TOKEN, seed.SECONDARY_AUTH_TOKEN, seed.OTHER_AUTH_TOKEN)
    for secret in (*tokens, seed.STANDARD_KEY_SECRET, seed.RESTRICTED_KEY_SECRET):
        assert secret not in text


def test_an_inbound_text_is_taken_at_once(twilio: Simulator, app: Receiver, call: Any) -> None:
    app.answer(Answer(delay=0.5))
    response = call("POST", "inbound", {"from": PHONE, "to": OURS, "body": "Hello", "media": 1})
    assert response.status_code == 202
    assert response.json()["sid"].startswith("MM")
    assert response.json()["webhooks"][0]["outcome"] == "waiting"
    twilio.wait_idle()
    assert app.requests[0].form["NumMedia"] == "1"


def test_an_inbound_text_can_wait_for_the_webhook(twilio: Simulator, app: Receiver, call: Any) -> None:
    app.answer(Answer(status=403))
    sid = "SM" + "a" * 32
    response = call("POST", "inbound", {"from": PHONE, "to": OURS, "body": "x", "sid": sid, "wait": True})
    assert response.status_code == 200
    [hook] = response.json()["webhooks"]
    assert (hook["message_sid"], hook["status_code"], hook["outcome"]) == (sid, 403, "failed")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"from": PHONE, "to": "+15550000000"}, 404),
        ({"from": "", "to": OURS}, 400),
        ({"from": PHONE, "to": OURS, "body": 5}, 400),
        ({"from": PHONE, "to": OURS, "body": "x" * 100_001}, 400),
        ({"from": PHONE, "to": OURS, "sid": ["SM1"]}, 400),
        ({"from": PHONE, "to": OURS, "media": "png"}, 400),
        ({"from": PHONE, "to": OURS, "extra": ["a"]}, 400),
        ([], 400),
    ],
)
def test_an_inbound_text_that_makes_no_sense_is_refused(body: Any, status: int, call: Any) -> None:
    response = call("POST", "inbound", body)
    assert response.status_code == status
    assert response.json()["error"]


def test_faults_are_set_listed_and_ended(twilio: Simulator, call: Any) -> None:
    set_ = call("POST", "faults", {"kind": "30007", "number": PHONE, "count": None})
    assert (set_.status_code, set_.json()["kind"], set_.json()["params"]) == (
        201,
        "undelivered",
        {"code": 30007},
    )
    assert len(call("GET", "faults").json()["kinds"]) > 30
    assert call("DELETE", f"faults/{set_.json()['id']}").json() == {"cleared": 1}
    assert call("POST", "faults", {"kind": "nonsense"}).status_code == 400
    assert [f["active"] for f in call("GET", "faults").json()["faults"]] == [False]


def test_callbacks_are_held_and_released(twilio: Simulator, call: Any) -> None:
    assert call("POST", "hold-callbacks").json() == {"holding": True}
    assert call("GET", "state").json()["holding_callbacks"] is True
    assert call("POST", "release-callbacks", {"reverse": True}).json() == {"released": 0}


def test_numbers_accounts_and_services_can_be_made_and_changed(twilio: Simulator, call: Any) -> None:
    account = call("POST", "accounts", {"friendly_name": "Initech", "status": "suspended"}).json()
    number = call("POST", "numbers", {"phone_number": "+15551239999", "account_sid": account["sid"]}).json()
    assert number["account_sid"] == account["sid"]
    changed = call("POST", "numbers", {"phone_number": "+15551239999", "sms_url": "https://a.test/"}).json()
    assert (changed["sid"], changed["sms_url"]) == (number["sid"], "https://a.test/")
    service = call("POST", "services", {"phone_numbers": ["+15551239999"], "advanced_opt_out": True}).json()
    assert service["sid"].startswith("MG")
    assert call("POST", "numbers", {"phone_number": "+15551239999", "sms_capable": "no"}).status_code == 400
    assert call("POST", "numbers", {"phone_number": "+15551239999", "colour": "red"}).status_code == 400


def test_a_reset_is_a_fresh_start(twilio: Simulator, app: Receiver, call: Any) -> None:
    twilio.text(PHONE, OURS, "STOP")
    twilio.add_fault("suspended_account")
    twilio.wait_idle()
    call("POST", "reset")
    state = call("GET", "state").json()
    assert (state["messages"], state["faults"], state["opt_outs"], state["webhooks"]) == ([], [], [], [])
    assert [n["phone_number"] for n in state["numbers"]] == [OURS, seed.SALES_NUMBER, seed.OTHER_NUMBER]
    assert {a["status"] for a in state["accounts"]} == {"active"}


@pytest.mark.parametrize("path", ["", "_sim/state", "_sim/faults", "_sim/feed"])
def test_a_foreign_host_name_is_refused(path: str, twilio: Simulator) -> None:
    """A page that has its name point to 127.0.0.1 (DNS rebinding) sends its own name as Host."""
    response = requests.get(f"{twilio.url}/{path}", headers={"Host": "evil.test"}, timeout=5)
    assert response.status_code == 403


def test_a_form_of_a_foreign_page_is_refused(twilio: Simulator, call: Any) -> None:
    assert call("POST", "reset", json=None, data={"a": "b"}).status_code == 415


def test_callers_from_elsewhere_are_refused(twilio: Simulator) -> None:
    from demo.twilio_simulator.app import create_app

    client = create_app(twilio).test_client()
    for path in ("/", "/_sim/state"):
        response = client.get(path, environ_base={"REMOTE_ADDR": "192.0.2.7"}, headers={"Host": "localhost"})
        assert response.status_code == 403
