"""The conformance kit, the way of a text and the pages in an application that was not made for the plugin.

``./run examples`` makes an environment with FitTrackee and runs this there.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from illumichat_sms_plugin import migrating
from illumichat_sms_plugin.models.which_database import engine
from illumichat_sms_plugin.testing import STRANGER, HostContract, Trial
from tests.conftest import postgresql_server, redis_url, twilio, twilio_server, valkey_server  # noqa: F401
from tests.support.apps import KEY, PUBLIC_URL
from tests.support.channels import connect, run_jobs
from tests.support.twilio_requests import TEXTER, inbound_form, post_signed

PEOPLE = {"owner": 100, "admin": 50, "member": 30, "guest": 10}
"""FitTrackee's role of each."""


@pytest.fixture(scope="module")
def fittrackee(postgresql_server: str, valkey_server: str, twilio_server: Any) -> Flask:  # noqa: F811
    """FitTrackee with SMS on a PostgreSQL of its own, with somebody of each role."""
    os.environ |= {
        "APP_SETTINGS": "fittrackee.config.DevelopmentConfig",
        "APP_SECRET_KEY": secrets.token_hex(32),
        "UI_URL": PUBLIC_URL,
        "DATABASE_URL": postgresql_server.replace("+psycopg", "+psycopg2"),
        "REDIS_URL": valkey_server,
    }
    from fittrackee import db
    from fittrackee.users.models import BlacklistedToken, User

    from examples.fittrackee.sms_host import TABLES, create_app

    app = create_app(
        SMS_PUBLIC_URL=PUBLIC_URL,
        SMS_ENCRYPTION_KEYS=[KEY],
        SMS_REDIS_URL=valkey_server,
        SMS_TWILIO_API_URL=twilio_server.url,
    )
    with app.app_context():
        # Its own migrations need PostGIS for the tables of workouts, which nothing here looks at.
        tables = [model.__table__ for model in (User, BlacklistedToken, *TABLES)]
        db.metadata.create_all(db.engine, tables=tables)
        columns = User.__table__
        for name, role in PEOPLE.items():
            values = {"username": name, "email": f"{name}@example.com", "password": "x", "role": role}
            db.session.execute(
                columns.insert().values(created_at=datetime.now(UTC), is_active=True, **values)
            )
        db.session.commit()
        migrating.upgrade(engine())
    return app


@pytest.fixture
def sign_in(fittrackee: Flask) -> Callable[[str], FlaskClient]:
    """A browser in which somebody is signed in, with FitTrackee's own cookies."""
    from fittrackee.users.models import User
    from fittrackee.users.utils.tokens import get_user_token
    from flask_jwt_extended import set_access_cookies

    def browser(name: str) -> FlaskClient:
        client = fittrackee.test_client()
        with fittrackee.test_request_context():
            user = User.query.filter_by(username=name).one()
            response = fittrackee.response_class()
            set_access_cookies(response, get_user_token(user.id))
        for cookie in response.headers.getlist("Set-Cookie"):
            key, _, rest = cookie.partition("=")
            client.set_cookie(key, rest.partition(";")[0])
        return client

    return browser


class TestFitTrackee(HostContract):
    """One club, an assistant that never waits, and nobody who deletes its chats but whoever may use SQL."""

    @pytest.fixture
    def trial(self, fittrackee: Flask, sign_in: Callable[[str], FlaskClient]) -> Iterator[Trial]:
        from fittrackee import db

        from examples.fittrackee.sms_host import ClubChat, heard

        def in_context(work: Callable[[], Any]) -> Any:
            with fittrackee.app_context():
                return work()

        def delete(chat: str) -> None:
            with fittrackee.app_context():
                db.session.delete(db.session.get(ClubChat, int(chat)))
                db.session.commit()

        yield Trial(
            fittrackee,
            "coach",
            people={name: lambda name=name: sign_in(name) for name in PEOPLE}
            | {STRANGER: fittrackee.test_client},
            read=lambda chat: in_context(lambda: heard(chat, ("user", "assistant", "note"))),
            hears=lambda chat: in_context(lambda: " ".join(heard(chat))),
            delete_chat=delete,
            leave_out={
                "time": "the coach never waits",
                "failures": "nothing that the coach needs can fail",
                "numbers": "contacts are made by the plugin alone, in E.164",
                "workspaces": "there is one club",
            },
        )


def test_a_text_is_answered_and_its_session_shown(
    fittrackee: Flask,
    sign_in: Callable[[str], FlaskClient],
    twilio: Any,  # noqa: F811
) -> None:
    connect(fittrackee, "coach", contact_matching=True, auto_create_contacts=True)
    text = inbound_form("When do you run?")
    assert post_signed(fittrackee, "/api/sms/webhook/coach", text).status_code == 200
    run_jobs(fittrackee)
    (answer,) = twilio.messages(to=TEXTER, created_by="api")
    assert answer.body == "We run on Tuesdays at 19:00."

    session = sign_in("owner").get("/api/sms/sessions/coach/1").json
    assert (session["contact"]["name"], session["chatUrl"]) == (TEXTER, f"/club/chats/{session['chatId']}")

    for path in ("", "/sessions", "/sessions/1", "/doctor", "/analytics"):
        page = sign_in("admin").get(f"/sms/coach{path}")
        assert page.status_code == 200, page.text
        assert BeautifulSoup(page.text, "html.parser").select_one("main h1")
    assert sign_in("guest").get("/sms/coach").status_code == 403


def test_a_form_is_taken_with_the_token_of_the_page(
    fittrackee: Flask, sign_in: Callable[[str], FlaskClient]
) -> None:
    connect(fittrackee, "coach")
    client = sign_in("admin")
    page = BeautifulSoup(client.get("/sms/coach/settings/disconnect").text, "html.parser")
    fields = {field["name"]: field["value"] for field in page.select("form input[name]")}
    assert fields["csrf_token"]
    assert client.post("/sms/coach/settings/disconnect", data=fields).status_code == 303
