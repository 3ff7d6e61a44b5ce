"""What an admin does on a page, a program does by the API: a host without pages of its own lacks nothing."""

from __future__ import annotations

import pytest

from tests.blueprints.routes import OF_AN_ASSISTANT, ROUTES, name

CONFIG = "/api/sms/config/<assistant_id>"
SESSION = "/api/sms/sessions/<assistant_id>/<session_id>"
REHEARSAL = "/api/sms/rehearsal/<assistant_id>"
TEXT = f"{SESSION}/messages/<message_id>"
TWINS: dict[str, tuple[str, ...]] = {
    "GET ": (
        "GET /api/sms/state/<assistant_id>",
        f"GET {CONFIG}",
        f"GET {CONFIG}/audit",
        f"GET {CONFIG}/limits",
        f"GET {CONFIG}/numbers",
        f"GET {CONFIG}/token",
        "GET /api/sms/doctor/<assistant_id>",
        "GET /api/sms/analytics/<assistant_id>",
        "GET /api/sms/sessions/<assistant_id>",
    ),
    "POST /settings": (f"PUT {CONFIG}", f"PATCH {CONFIG}"),
    "POST /settings/test": (f"POST {CONFIG}/test",),
    "GET /settings/disconnect": (f"GET {CONFIG}", f"GET {CONFIG}/webhook"),
    "POST /settings/disconnect": (f"DELETE {CONFIG}",),
    "GET /settings/webhook": (f"GET {CONFIG}/webhook",),
    "POST /settings/webhook": (f"POST {CONFIG}/webhook",),
    "POST /settings/numbers/<number_id>": (
        f"PATCH {CONFIG}/numbers/<number_id>",
        f"POST {CONFIG}/numbers/<number_id>/look",
    ),
    "POST /settings/pause": (f"POST {CONFIG}/pause",),
    "POST /settings/resume": (f"POST {CONFIG}/resume",),
    "POST /settings/token": (f"POST {CONFIG}/token",),
    "GET /settings/token/main": (f"GET {CONFIG}/token",),
    "POST /settings/token/main": (f"POST {CONFIG}/token/main",),
    "GET /settings/token/drop": (f"GET {CONFIG}/token",),
    "POST /settings/token/drop": (f"DELETE {CONFIG}/token",),
    "GET /doctor": ("GET /api/sms/doctor/<assistant_id>",),
    "POST /doctor": ("POST /api/sms/doctor/<assistant_id>",),
    "GET /doctor/progress": ("GET /api/sms/doctor/<assistant_id>",),
    "POST /doctor/fix/<name>": ("POST /api/sms/doctor/<assistant_id>/fix/<name>",),
    "GET /try": (f"GET {REHEARSAL}",),
    "GET /try/conversation": (f"GET {REHEARSAL}",),
    "POST /try": (f"POST {REHEARSAL}",),
    "POST /try/start-over": (f"DELETE {REHEARSAL}",),
    "GET /analytics": (
        "GET /api/sms/analytics/<assistant_id>",
        "GET /api/sms/analytics/<assistant_id>.csv",
    ),
    "GET /sessions": ("GET /api/sms/sessions/<assistant_id>",),
    "GET /sessions/<session_id>": (f"GET {SESSION}", f"GET {SESSION}/messages"),
    "GET /sessions/<session_id>/conversation": (f"GET {SESSION}", f"GET {SESSION}/messages"),
    "GET /sessions/<session_id>/files/<file_id>": (f"GET {SESSION}/files/<file_id>",),
    "POST /sessions/<session_id>/consent": (f"POST {SESSION}/consent",),
    "POST /sessions/<session_id>/block": (f"POST {SESSION}/block", f"POST {SESSION}/unblock"),
    "POST /sessions/<session_id>/messages": (f"POST {SESSION}/messages",),
    "POST /sessions/<session_id>/take-over": (f"POST {SESSION}/take-over",),
    "POST /sessions/<session_id>/hand-back": (f"POST {SESSION}/hand-back",),
    "POST /sessions/<session_id>/suggestions/<suggestion_id>/send": (
        f"POST {SESSION}/suggestions/<suggestion_id>/send",
    ),
    "POST /sessions/<session_id>/suggestions/<suggestion_id>/discard": (
        f"POST {SESSION}/suggestions/<suggestion_id>/discard",
    ),
    "GET /sessions/<session_id>/export": (f"GET {SESSION}/export",),
    "POST /sessions/<session_id>/wake": (f"POST {SESSION}/wake",),
    "GET /sessions/<session_id>/erase": (f"DELETE {SESSION}",),
    "POST /sessions/<session_id>/erase": (f"DELETE {SESSION}",),
    "POST /sessions/<session_id>/messages/<message_id>/answer-again": (f"POST {TEXT}/answer-again",),
    "POST /sessions/<session_id>/messages/<message_id>/dismiss": (f"POST {TEXT}/dismiss",),
    "POST /sessions/<session_id>/messages/<message_id>/resend": (f"POST {TEXT}/resend",),
}
"""What a page shows or does, below ``/sms/<assistant_id>``, and what of the API shows or does the same."""

ONLY_TO_READ = {"GET /about", "GET /first-text"}
"""Help, and the newest text once more: they do nothing, and show nothing that the API does not have elsewhere."""


def test_every_page_has_its_twin_in_the_api():
    pages = {name(route).replace("/sms/<assistant_id>", "") for route in OF_AN_ASSISTANT if not route.is_api}
    assert pages - ONLY_TO_READ == TWINS.keys()


@pytest.mark.parametrize(("page", "twins"), TWINS.items(), ids=list(TWINS))
def test_a_page_and_its_twin_let_the_same_people_in(page: str, twins: tuple[str, ...]):
    who = {name(route): route.who for route in ROUTES}
    method, path = page.split(" ")
    of_the_page = who[f"{method} /sms/<assistant_id>{path}"]
    for twin in twins:
        assert who[twin] == of_the_page or (page == "GET " and who[twin] == "manage"), twin
