"""The API is what its OpenAPI document says, also when it is fuzzed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask, request
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from illumichat_sms_plugin.host import Person
from tests.support.apps import make_app, sqlite_url
from tests.support.channels import connect
from tests.support.memory_host import MemoryAccess, MemoryHost
from tests.support.twilio_requests import text_in
from tests.support.visitors import sign_in

EXAMPLES = 10
"""Requests of each kind to each operation."""
KEY = {"Authorization": "Bearer wsk_live_of_acme"}
IDS = {
    "assistant_id": "ast_support",
    "session_id": "1",
    "message_id": "1",
    "number_id": "1",
    "file_id": "1",
    "suggestion_id": "1",
    "name": "set-webhook",
}
EXCLUDED = [
    positive_data_acceptance,  # a well-formed number can still be none, and an account unknown
    unsupported_method,  # 405 is answered by the host, before any route of ours
]


class KeyAccess(MemoryAccess):
    """A host whose callers are programs with a key."""

    def caller(self) -> Person | None:
        return self.person if request.headers.get("Authorization") == KEY["Authorization"] else None


@pytest.fixture(scope="module")
def fuzzed(
    tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path, valkey_server: str, twilio_server: Any
) -> Flask:
    """An app with a channel and a session that a program of Acme's calls; its Twilio is simulated."""
    path = tmp_path_factory.mktemp("fuzz") / "fuzz.sqlite"
    path.write_bytes(migrated_sqlite.read_bytes())
    host = MemoryHost(access=KeyAccess())
    app = make_app(sqlite_url(path), host, SMS_REDIS_URL=valkey_server, SMS_TWILIO_API_URL=twilio_server.url)
    connect(app)
    assert text_in(app).status_code == 200
    sign_in(host, "own key")
    return app


@pytest.fixture(scope="module")
def described(fuzzed: Flask) -> Any:
    """The schema as schemathesis reads it."""
    return schemathesis.openapi.from_wsgi("/api/sms/openapi.json", fuzzed)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_no_request_gets_an_answer_that_is_not_described(fuzzed: Flask, described: Any, mode: GenerationMode):
    """Requests as the document wants them, and requests as it does not."""
    for found in described.get_all_operations():
        connect(fuzzed)  # the operation before may have disconnected it
        fuzz(found.ok(), mode)


def fuzz(operation: Any, mode: GenerationMode) -> None:
    @given(operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def one(case: Any) -> None:
        if not is_wrong(case, ParameterLocation.PATH) and len(str(case.path_parameters)) % 2:
            # Half of the calls reach something that is there.
            case.path_parameters = {name: IDS[name] for name in case.path_parameters or {}}
        headers = None if is_wrong(case, ParameterLocation.HEADER) else KEY
        case.call_and_validate(headers=headers, excluded_checks=EXCLUDED)

    try:
        one()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # nothing about it can be wrong


def is_wrong(case: Any, place: ParameterLocation) -> bool:
    """Whether this part of the request was made wrong on purpose."""
    part = case.meta.components.get(place)
    return part is not None and part.mode is GenerationMode.NEGATIVE


def test_the_document_describes_every_json_route_but_twilios(app: Flask):
    document = app.test_client().get("/api/sms/openapi.json").json
    assert document is not None
    described = {
        (method.upper(), path) for path, operations in document["paths"].items() for method in operations
    }
    routes = {
        (method, rule.rule.replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/sms/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    not_described = {
        ("POST", "/api/sms/webhook/{assistant_id}"),
        ("POST", "/api/sms/status/{assistant_id}"),
        ("GET", "/api/sms/openapi.json"),
    }
    assert described == routes - not_described


def test_what_opens_a_view_is_described(app: Flask):
    document = app.test_client().get("/api/sms/openapi.json").json
    assert document is not None
    opened_by = {
        path: {scheme for operation in operations.values() for one in operation["security"] for scheme in one}
        for path, operations in document["paths"].items()
    }
    assert opened_by.pop("/api/sms/health") == set()
    assert opened_by.pop("/api/sms/metrics") == {"metricsToken"}
    assert set().union(*opened_by.values()) == {"apiKey"}
    assert document["components"]["securitySchemes"].keys() == {"apiKey", "metricsToken"}


def test_the_document_has_no_place_where_a_secret_comes_out(app: Flask):
    document = app.test_client().get("/api/sms/openapi.json").json
    assert document is not None
    shown = document["components"]["schemas"]["ChannelOut"]["properties"]
    assert not {"authToken", "nextAuthToken", "signingKey"} & set(shown)


def test_every_operation_has_an_id_of_its_own(app: Flask):
    document = app.test_client().get("/api/sms/openapi.json").json
    assert document is not None
    ids = [op["operationId"] for path in document["paths"].values() for op in path.values()]
    assert len(ids) == len(set(ids))
