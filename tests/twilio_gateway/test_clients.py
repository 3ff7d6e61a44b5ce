"""Clients that nobody keeps, no borrowed identity, no traces in the log."""

from __future__ import annotations

import base64
import gc
import hashlib
import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from illumichat_sms_plugin.errors import TwilioRefused
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClients
from illumichat_sms_plugin.twilio_gateway.listing import list_texts
from illumichat_sms_plugin.twilio_gateway.lookup import account, owned_numbers
from illumichat_sms_plugin.twilio_gateway.sending import send_text
from illumichat_sms_plugin.twilio_gateway.values import Credentials

from .conftest import CREDENTIALS
from .scripted_server import ScriptedServer, answers

OTHER = Credentials("AC" + "2" * 32, Secret("another"))
KEY = Credentials(CREDENTIALS.account_sid, Secret("theSecretOfTheKey"), "SK" + "7" * 32)
ACCOUNT = {"sid": CREDENTIALS.account_sid, "friendly_name": "Acme", "status": "active", "type": "Full"}


def clients(url: str = "http://127.0.0.1:1", **options: Any) -> TwilioClients:
    return TwilioClients(url, 1.0, 1.0, **options)


def test_a_client_and_its_secret_are_gone_with_the_last_user(server: ScriptedServer):
    """What holds clients holds tokens: a token that was only tried would live as long as the process."""
    made = clients(server.url)
    digest = hashlib.sha256(b"0nlyTested" * 3).digest()
    server.plays(answers(200, ACCOUNT), answers(401, {"code": 20003, "status": 401}))
    account(made.get(Credentials(CREDENTIALS.account_sid, Secret("0nlyTested" * 3))))
    with pytest.raises(TwilioRefused):
        account(made.get(Credentials(CREDENTIALS.account_sid, Secret("0nlyTested" * 3))))
    gc.collect()
    held = [found for found in gc.get_objects() if isinstance(found, Secret)]
    assert not [
        one for one in held if hashlib.sha256(one.reveal().encode("utf-8", "replace")).digest() == digest
    ]
    made.close()


def test_threads_share_the_connections():
    kept = clients()
    found: list[Any] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait(10)
        found.append(kept._shared_transport())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len({id(transport) for transport in found}) == 1


def test_nothing_comes_from_the_environment(
    server: ScriptedServer, make_client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
):
    """Neither Twilio's variables nor a .netrc nor a proxy on the way to a loopback address."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login mallory password netrc\n")
    for name, value in {
        "TWILIO_ACCOUNT_SID": OTHER.account_sid,
        "TWILIO_AUTH_TOKEN": OTHER.secret.reveal(),
        "TWILIO_REGION": "ie1",
        "TWILIO_EDGE": "dublin",
        "NETRC": str(netrc),
        "HTTP_PROXY": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    server.plays(answers(200, ACCOUNT))
    account(make_client(server.url))
    (request,) = server.received
    assert CREDENTIALS.account_sid in request.path
    scheme, _, encoded = request.headers["authorization"].partition(" ")
    assert scheme == "Basic"
    expected = f"{CREDENTIALS.account_sid}:{CREDENTIALS.secret.reveal()}"
    assert base64.b64decode(encoded).decode() == expected


def test_an_api_key_logs_in_with_its_own_name_below_the_accounts_path(server: ScriptedServer):
    made = clients(server.url)
    server.plays(answers(200, {"incoming_phone_numbers": []}))
    assert owned_numbers(made.get(KEY)) == []
    made.close()
    (request,) = server.received
    assert f"/Accounts/{CREDENTIALS.account_sid}/" in request.path
    _, _, encoded = request.headers["authorization"].partition(" ")
    assert base64.b64decode(encoded).decode() == f"{KEY.api_key_sid}:{KEY.secret.reveal()}"


def test_a_path_of_the_api_url_goes_before_every_resource(
    server: ScriptedServer, make_client: Callable[..., Any]
):
    server.plays(answers(200, ACCOUNT))
    account(make_client(server.url + "/twilio/api/"))
    assert server.received[0].path == f"/twilio/api/2010-04-01/Accounts/{CREDENTIALS.account_sid}.json"


def test_other_hosts_of_twilio_are_not_called(client: Any, server: ScriptedServer):
    with pytest.raises(TwilioRefused, match=r"does not use lookups\.twilio\.com"):
        client.lookups.v2.phone_numbers("+15551230001").fetch()
    assert server.received == []


def test_a_cookie_of_one_account_is_not_sent_for_another(server: ScriptedServer):
    kept = clients(server.url)
    server.plays(answers(200, ACCOUNT, headers={"Set-Cookie": "session=acme; Path=/"}), answers(200, ACCOUNT))
    account(kept.get(CREDENTIALS))
    account(kept.get(OTHER))
    kept.close()
    assert "cookie" not in server.received[1].headers
    assert server.received[0].headers["authorization"] != server.received[1].headers["authorization"]


def test_accounts_share_connections(server: ScriptedServer):
    kept = clients(server.url)
    server.plays(*[answers(200, ACCOUNT)] * 2)
    account(kept.get(CREDENTIALS))
    account(kept.get(OTHER))
    kept.close()
    assert server.connections == 1


def test_after_close_a_client_can_be_had_again(server: ScriptedServer):
    kept = clients(server.url)
    server.plays(*[answers(200, ACCOUNT)] * 2)
    account(kept.get(CREDENTIALS))
    kept.close()
    kept.close()
    after = kept.get(CREDENTIALS)
    assert account(after).status == "active"
    kept.close()


def test_the_log_shows_no_number_text_or_token(
    server: ScriptedServer, client: Any, caplog: pytest.LogCaptureFixture
):
    """Not even at DEBUG, where the libraries below write whole URLs."""
    caplog.set_level(logging.DEBUG)
    server.plays(answers(201, {"sid": "SM1"}), answers(200, {"messages": []}), answers(400, {"code": 21211}))
    number = {"from_number": "+15551230002", "to_number": "+15551230001"}
    send_text(client, **number, body="my doctor says", status_callback="https://h.example.com/s?m=17")
    assert list(list_texts(client, **number)) == []
    with pytest.raises(TwilioRefused):
        send_text(client, **number, body="my doctor says", status_callback=None)
    assert "+15551230001" in server.received[1].query.values()
    assert "Messages.json" in caplog.text  # the exchanges were logged, without their queries
    for hidden in ("1555123", "doctor", CREDENTIALS.secret.reveal(), "m=17", "Basic"):
        assert hidden not in caplog.text


def test_the_log_of_others_is_left_alone(caplog: pytest.LogCaptureFixture, client: Any):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3.connectionpool").debug("%s", "/search?q=1")
    assert "/search?q=1" in caplog.text


def test_no_repr_shows_the_token(client: Any):
    kept = clients()
    kept.get(CREDENTIALS)
    for thing in (client, kept, client.http_client, CREDENTIALS):
        assert CREDENTIALS.secret.reveal() not in repr(thing)


def test_importing_the_gateway_does_not_load_twilios_library():
    code = """
import importlib, pkgutil, sys
import illumichat_sms_plugin.twilio_gateway as gateway
from illumichat_sms_plugin.twilio_gateway import clients, error_codes, listing, lookup, sending, signature
error_codes.explain(20003)
clients.TwilioClients("https://api.twilio.com", 1, 1).close()
print([name for name in ("twilio", "requests", "urllib3") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="this system does not fork")
def test_a_forked_process_leaves_its_parents_connections_alone():
    code = """
import os
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClients
kept = TwilioClients("http://127.0.0.1:1", 1, 1)
mine = kept._shared_transport()
child = os.fork()
if child == 0:
    os._exit(0 if kept._shared_transport() is not mine else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), kept._shared_transport() is mine)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "0 True", done.stderr
