"""How a program says who it is, as the host names it in ``access.security_scheme``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from illumichat_sms_plugin.conformance.rules_of_parts import optional
from illumichat_sms_plugin.conformance.trial import RuleBroken
from illumichat_sms_plugin.testing import Trial
from tests.support.apps import make_app, sqlite_url
from tests.support.memory_host import MemoryAccess, MemoryHost

HEADER = {"type": "apiKey", "in": "header", "name": "PI-Authorization"}


def host_with(scheme: object) -> MemoryHost:
    """A host that names a scheme."""
    access = MemoryAccess()
    access.security_scheme = scheme  # type: ignore[attr-defined]
    return MemoryHost(access=access)


def schemes(host: MemoryHost, folder: Path) -> dict[str, Any]:
    """The schemes of the document."""
    client = make_app(sqlite_url(folder / "app.sqlite"), host).test_client()
    document = client.get("/api/sms/openapi.json").json
    assert document is not None
    found: dict[str, Any] = document["components"]["securitySchemes"]
    return found


def test_the_document_names_the_scheme_of_the_host(tmp_path: Path) -> None:
    found = schemes(host_with(HEADER), tmp_path)
    assert found["apiKey"] == HEADER
    assert found["metricsToken"]["scheme"] == "bearer"


def test_without_one_a_program_sends_a_bearer_token(tmp_path: Path) -> None:
    found = schemes(MemoryHost(), tmp_path)
    assert (found["apiKey"]["type"], found["apiKey"]["scheme"]) == ("http", "bearer")


def test_what_is_no_mapping_is_left_out_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert schemes(host_with("Bearer"), tmp_path)["apiKey"]["scheme"] == "bearer"
    assert "access.security_scheme is no mapping" in caplog.text


@pytest.mark.parametrize("scheme", ["Bearer", {"in": "header"}, {"type": "password"}, {"type": "apiKey"}])
def test_the_kit_catches_what_is_no_scheme(scheme: object, tmp_path: Path) -> None:
    app = make_app(sqlite_url(tmp_path / "app.sqlite"), host_with(scheme))
    with pytest.raises(RuleBroken, match=r"access\.security_scheme is no security scheme of OpenAPI"):
        optional(Trial(app, "ast_support"))


@pytest.mark.parametrize("scheme", [HEADER, {"type": "http", "scheme": "basic"}])
def test_the_kit_takes_what_is_one(scheme: object, tmp_path: Path) -> None:
    optional(Trial(make_app(sqlite_url(tmp_path / "app.sqlite"), host_with(scheme)), "ast_support"))
