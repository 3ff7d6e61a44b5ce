"""People and API keys who call the pages and the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from illumichat_sms_plugin.host import Person, Role
from illumichat_sms_plugin.runtime import EXTENSION
from tests.support.memory_host import ACME, GLOBEX, MemoryHost

VISITORS: Mapping[str, tuple[Person, dict[str, Role]] | None] = {
    "owner": (Person("usr_owner", "Olivia Owner"), {ACME.id: Role.OWNER}),
    "admin": (Person("usr_admin", "Ada Admin"), {ACME.id: Role.ADMIN}),
    "member": (Person("usr_member", "Mel Member"), {ACME.id: Role.MEMBER}),
    "guest": (Person("usr_guest", "Gus Guest"), {ACME.id: Role.GUEST}),
    "nobody's": (Person("usr_none", "Nora None"), {}),
    "other admin": (Person("usr_other", "Otto Other"), {GLOBEX.id: Role.ADMIN}),
    "own key": (Person("apikey:1", "Key of Acme"), {ACME.id: Role.ADMIN}),
    "other key": (Person("apikey:2", "Key of Globex"), {GLOBEX.id: Role.ADMIN}),
    "stranger": None,
}
"""Who calls, and which role they have where. Nobody is behind ``stranger``."""


def sign_in(host: MemoryHost, name: str) -> None:
    """Let the next requests come from this visitor."""
    visitor = VISITORS[name]
    host.access.person = visitor[0] if visitor else None
    host.access.roles = {
        (who[0].id, workspace): role for who in VISITORS.values() if who for workspace, role in who[1].items()
    }


def current_host(app: Flask) -> MemoryHost:
    """The host that the plugin in ``app`` talks to."""
    host = app.extensions[EXTENSION].host
    assert isinstance(host, MemoryHost)
    return host


def visit(app: Flask, name: str = "admin") -> FlaskClient:
    """A client that comes as this visitor."""
    sign_in(current_host(app), name)
    return app.test_client()


def form_of(app: Flask, assistant_id: str = "ast_support", **fields: Any) -> dict[str, Any]:
    """The settings form as a browser would send it: as the page shows it, with ``fields`` filled in.

    A field that is None is left out, as a browser leaves out a box that is not ticked.
    """
    from bs4 import BeautifulSoup

    page = visit(app).get(f"/sms/{assistant_id}")
    form = BeautifulSoup(page.text, "html.parser").select_one("#settings form")
    assert form is not None, page.text
    sent: dict[str, Any] = {}
    for element in form.select("input[name], textarea[name]"):
        if element.get("type") == "checkbox":
            if element.has_attr("checked"):
                sent[str(element["name"])] = "on"
        elif element.name == "textarea":
            sent[str(element["name"])] = element.text.removeprefix("\n")
        else:
            sent[str(element["name"])] = element.get("value", "")
    for choice in form.select("select[name]"):
        chosen = choice.select_one("option[selected]")
        sent[str(choice["name"])] = str(chosen["value"]) if chosen else ""
    sent |= fields
    return {name: value for name, value in sent.items() if value is not None}
