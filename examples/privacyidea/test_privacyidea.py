"""The conformance kit, the way of a text and the API in an application whose callers send a token and which has no page of ours.

``./run examples`` makes an environment with privacyIDEA and runs this there.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from illumichat_sms_plugin import migrating
from illumichat_sms_plugin.models.which_database import engine
from illumichat_sms_plugin.testing import OUTSIDER, STRANGER, HostContract, Trial
from tests.conftest import postgresql_server, redis_url, twilio, twilio_server, valkey_server  # noqa: F401
from tests.support.apps import KEY, PUBLIC_URL
from tests.support.channels import run_jobs
from tests.support.twilio_requests import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    NUMBER,
    TEXTER,
    inbound_form,
    post_signed,
)

PASSWORD = "open sesame"
PEOPLE = {
    "owner": "root",
    "admin": "ada@security",
    "member": "mel@frontdesk",
    "guest": "tess@staff",
    OUTSIDER: "otto@suppliers",
}
"""Who signs in as what. root is an admin of privacyIDEA's own table, all others are in user stores."""
NUMBERS = {"tess@staff": "+1 (555) 765-4321", "otto@suppliers": "030 / 123456"}
"""As somebody typed them."""
SETTINGS = """
SECRET_KEY = {secret!r}
PI_PEPPER = "pepper"
PI_ENCFILE = "{folder}/enckey"
PI_LOGFILE = "{folder}/privacyidea.log"
PI_AUDIT_NO_SIGN = PI_NO_RESPONSE_SIGN = True
SQLALCHEMY_DATABASE_URI = {database!r}
"""


@pytest.fixture(scope="module")
def privacyidea(
    postgresql_server: str,  # noqa: F811
    valkey_server: str,  # noqa: F811
    twilio_server: Any,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> Flask:
    """PrivacyIDEA with SMS on a PostgreSQL of its own, with somebody of each role."""
    folder = tmp_path_factory.mktemp("privacyidea")
    (folder / "enckey").write_bytes(secrets.token_bytes(96))
    settings = SETTINGS.format(secret=secrets.token_hex(32), folder=folder, database=postgresql_server)
    (folder / "pi.cfg").write_text(settings, encoding="utf-8")
    os.environ["PRIVACYIDEA_CONFIGFILE"] = str(folder / "pi.cfg")
    from privacyidea.lib.auth import create_db_admin
    from privacyidea.models import db

    from examples.privacyidea.sms_host import create_app

    app = create_app(
        SMS_PUBLIC_URL=PUBLIC_URL,
        SMS_ENCRYPTION_KEYS=[KEY],
        SMS_REDIS_URL=valkey_server,
        SMS_TWILIO_API_URL=twilio_server.url,
    )
    with app.app_context():
        db.create_all()
        create_db_admin("root", password=PASSWORD)
        for who in PEOPLE.values():
            name, _, realm = who.partition("@")
            if realm:
                make_realm(realm, folder / realm, name, NUMBERS.get(who, ""))
        migrating.upgrade(engine())
    return app


def make_realm(realm: str, file: Path, name: str, number: str) -> None:
    """A realm of one person, whose user store is a file as ``/etc/passwd``."""
    from passlib.hash import sha512_crypt
    from privacyidea.lib.realm import set_realm
    from privacyidea.lib.resolver import save_resolver

    password = sha512_crypt.using(rounds=1000).hash(PASSWORD)
    file.write_text(f"{name}:{password}:1000:1000:{name.title()} Tester,,{number},{number}:/:\n", "utf-8")
    save_resolver({"resolver": realm, "type": "passwdresolver", "fileName": str(file)})
    set_realm(realm, [{"name": realm}])


@pytest.fixture
def sign_in(privacyidea: Flask) -> Callable[[str], FlaskClient]:
    """A program that sends somebody's token, which privacyIDEA gives for a password, as the OpenAPI document says."""
    document = privacyidea.test_client().get("/api/sms/openapi.json").json
    header = document["components"]["securitySchemes"]["apiKey"]["name"].upper().replace("-", "_")

    def program(who: str) -> FlaskClient:
        client = privacyidea.test_client()
        answer = client.post("/auth", json={"username": who, "password": PASSWORD})
        client.environ_base[f"HTTP_{header}"] = answer.json["result"]["value"]["token"]
        return client

    return program


class TestPrivacyIdea(HostContract):
    """A helpdesk for each realm, and two kinds of contacts."""

    @pytest.fixture
    def trial(self, privacyidea: Flask, sign_in: Callable[[str], FlaskClient]) -> Iterator[Trial]:
        from examples.privacyidea.sms_host import Chats, heard

        def in_context(work: Callable[[], Any]) -> Any:
            with privacyidea.app_context():
                return work()

        yield Trial(
            privacyidea,
            "helpdesk-staff",
            typed=TEXTER,
            other_assistant_id="helpdesk-suppliers",
            people={role: lambda who=who: sign_in(who) for role, who in PEOPLE.items()}
            | {STRANGER: privacyidea.test_client},
            read=lambda chat: in_context(lambda: heard(chat, ("user", "assistant", "person", "note"))),
            hears=lambda chat: in_context(lambda: " ".join(heard(chat))),
            delete_chat=lambda chat: in_context(lambda: Chats().erase(chat)),
            leave_out={
                "time": "the helpdesk never waits",
                "failures": "nothing that the helpdesk needs can fail",
            },
        )


def test_who_has_a_token_connects_and_answers_as_a_person(
    privacyidea: Flask,
    sign_in: Callable[[str], FlaskClient],
    twilio: Any,  # noqa: F811
) -> None:
    settings = {"accountSid": ACCOUNT_SID, "authToken": AUTH_TOKEN, "phoneNumber": NUMBER}
    options = {"introduce": False, "contactMatching": True}
    admin = sign_in("ada@security")
    connected = admin.put("/api/sms/config/helpdesk-staff", json=settings | options)
    assert connected.status_code == 201, connected.text

    text = inbound_form("How do I add my new phone?")
    assert post_signed(privacyidea, "/api/sms/webhook/helpdesk-staff", text).status_code == 200
    run_jobs(privacyidea)
    session = sign_in("mel@frontdesk").get("/api/sms/sessions/helpdesk-staff/1").json
    assert session["contact"]["name"] == "Tess Tester"

    said = {"text": "I'll call you.", "key": "1"}
    assert admin.post("/api/sms/sessions/helpdesk-staff/1/messages", json=said).status_code == 200
    run_jobs(privacyidea)
    sent = [message.body for message in twilio.messages(to=TEXTER, created_by="api")]
    assert sent == ["Log in and choose Enroll token.", "I'll call you."]


def test_what_the_application_says_of_errors_stays_its_own(sign_in: Callable[[str], FlaskClient]) -> None:
    client = sign_in("root")
    assert client.get("/nowhere").json == {"error": "Not found"}
    ours = client.get("/api/sms/state/nobodys-helpdesk")
    assert (ours.status_code, ours.json["code"]) == (404, "not_found:api")
    client.environ_base["HTTP_PI_AUTHORIZATION"] = "no token"
    assert client.get("/api/sms/state/helpdesk-staff").status_code == 401


def test_no_page_of_ours_is_there(privacyidea: Flask) -> None:
    paths = [rule.rule for rule in privacyidea.url_map.iter_rules()]
    assert not [path for path in paths if path.startswith("/sms/")]
    assert "/api/sms/state/<assistant_id>" in paths
