"""All routes of ours: who may call each, and how one calls it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Who = Literal["manage", "look", "anybody", "operator", "twilio"]


@dataclass(frozen=True)
class Route:
    """A route of ours: who may call it, and how one calls it."""

    method: str
    rule: str
    who: Who

    @property
    def is_api(self) -> bool:
        return self.rule.startswith("/api/")

    def url(self, **ids: str) -> str:
        url = self.rule
        for name, value in (EXAMPLE | ids).items():
            url = url.replace(f"<{name}>", value)
        return url.replace("<path:filename>", "sms.css")


EXAMPLE = {
    "assistant_id": "ast_support",
    "session_id": "1",
    "message_id": "1",
    "number_id": "1",
    "suggestion_id": "1",
    "file_id": "1",
    "name": "webhook",
    "key": "x",
}

ROUTES = [
    Route("GET", "/sms/<assistant_id>", "look"),
    Route("GET", "/sms/<assistant_id>/about", "look"),
    Route("POST", "/sms/<assistant_id>/settings", "manage"),
    Route("POST", "/sms/<assistant_id>/settings/test", "manage"),
    Route("GET", "/sms/<assistant_id>/settings/disconnect", "manage"),
    Route("POST", "/sms/<assistant_id>/settings/disconnect", "manage"),
    Route("GET", "/sms/<assistant_id>/settings/webhook", "manage"),
    Route("POST", "/sms/<assistant_id>/settings/webhook", "manage"),
    Route("POST", "/sms/<assistant_id>/settings/numbers/<number_id>", "manage"),
    Route("POST", "/sms/<assistant_id>/settings/pause", "manage"),
    Route("POST", "/sms/<assistant_id>/settings/resume", "manage"),
    Route("GET", "/api/sms/config/<assistant_id>/limits", "manage"),
    Route("POST", "/api/sms/config/<assistant_id>/pause", "manage"),
    Route("POST", "/api/sms/config/<assistant_id>/resume", "manage"),
    Route("POST", "/sms/<assistant_id>/settings/token", "manage"),
    Route("GET", "/sms/<assistant_id>/settings/token/main", "manage"),
    Route("POST", "/sms/<assistant_id>/settings/token/main", "manage"),
    Route("GET", "/sms/<assistant_id>/settings/token/drop", "manage"),
    Route("POST", "/sms/<assistant_id>/settings/token/drop", "manage"),
    Route("GET", "/sms/<assistant_id>/doctor", "manage"),
    Route("POST", "/sms/<assistant_id>/doctor", "manage"),
    Route("GET", "/sms/<assistant_id>/doctor/progress", "manage"),
    Route("POST", "/sms/<assistant_id>/doctor/fix/<name>", "manage"),
    Route("GET", "/sms/<assistant_id>/first-text", "manage"),
    Route("GET", "/sms/<assistant_id>/try", "manage"),
    Route("GET", "/sms/<assistant_id>/try/conversation", "manage"),
    Route("POST", "/sms/<assistant_id>/try", "manage"),
    Route("POST", "/sms/<assistant_id>/try/start-over", "manage"),
    Route("GET", "/api/sms/rehearsal/<assistant_id>", "manage"),
    Route("POST", "/api/sms/rehearsal/<assistant_id>", "manage"),
    Route("DELETE", "/api/sms/rehearsal/<assistant_id>", "manage"),
    Route("GET", "/sms/<assistant_id>/analytics", "look"),
    Route("GET", "/sms/<assistant_id>/sessions", "look"),
    Route("GET", "/sms/<assistant_id>/sessions/<session_id>", "look"),
    Route("GET", "/sms/<assistant_id>/sessions/<session_id>/conversation", "look"),
    Route("GET", "/sms/<assistant_id>/sessions/<session_id>/files/<file_id>", "look"),
    Route("GET", "/api/sms/sessions/<assistant_id>/<session_id>/files/<file_id>", "look"),
    Route("POST", "/sms/<assistant_id>/sessions/<session_id>/consent", "manage"),
    Route("POST", "/sms/<assistant_id>/sessions/<session_id>/messages", "manage"),
    Route("POST", "/sms/<assistant_id>/sessions/<session_id>/take-over", "manage"),
    Route("POST", "/sms/<assistant_id>/sessions/<session_id>/hand-back", "manage"),
    Route("POST", "/api/sms/sessions/<assistant_id>/<session_id>/messages", "manage"),
    Route("POST", "/sms/<assistant_id>/sessions/<session_id>/suggestions/<suggestion_id>/send", "manage"),
    Route("POST", "/sms/<assistant_id>/sessions/<session_id>/suggestions/<suggestion_id>/discard", "manage"),
    Route("POST", "/api/sms/sessions/<assistant_id>/<session_id>/suggestions/<suggestion_id>/send", "manage"),
    Route(
        "POST", "/api/sms/sessions/<assistant_id>/<session_id>/suggestions/<suggestion_id>/discard", "manage"
    ),
    Route("GET", "/sms/<assistant_id>/sessions/<session_id>/export", "manage"),
    Route("GET", "/api/sms/sessions/<assistant_id>/<session_id>/export", "manage"),
    Route("POST", "/api/sms/messages/<assistant_id>", "manage"),
    Route("POST", "/api/sms/sessions/<assistant_id>/<session_id>/take-over", "manage"),
    Route("POST", "/api/sms/sessions/<assistant_id>/<session_id>/hand-back", "manage"),
    Route("POST", "/sms/<assistant_id>/sessions/<session_id>/block", "manage"),
    Route("POST", "/api/sms/sessions/<assistant_id>/<session_id>/block", "manage"),
    Route("POST", "/api/sms/sessions/<assistant_id>/<session_id>/unblock", "manage"),
    Route("POST", "/sms/<assistant_id>/sessions/<session_id>/wake", "manage"),
    Route("GET", "/sms/<assistant_id>/sessions/<session_id>/erase", "manage"),
    Route("POST", "/sms/<assistant_id>/sessions/<session_id>/erase", "manage"),
    Route("POST", "/sms/<assistant_id>/sessions/<session_id>/messages/<message_id>/answer-again", "manage"),
    Route("POST", "/sms/<assistant_id>/sessions/<session_id>/messages/<message_id>/dismiss", "manage"),
    Route("POST", "/sms/<assistant_id>/sessions/<session_id>/messages/<message_id>/resend", "manage"),
    Route("GET", "/sms/static/<path:filename>", "anybody"),
    Route("GET", "/api/sms/state/<assistant_id>", "look"),
    Route("GET", "/api/sms/config/<assistant_id>", "manage"),
    Route("PUT", "/api/sms/config/<assistant_id>", "manage"),
    Route("PATCH", "/api/sms/config/<assistant_id>", "manage"),
    Route("DELETE", "/api/sms/config/<assistant_id>", "manage"),
    Route("POST", "/api/sms/config/<assistant_id>/test", "manage"),
    Route("GET", "/api/sms/config/<assistant_id>/webhook", "manage"),
    Route("POST", "/api/sms/config/<assistant_id>/webhook", "manage"),
    Route("GET", "/api/sms/config/<assistant_id>/numbers", "manage"),
    Route("PATCH", "/api/sms/config/<assistant_id>/numbers/<number_id>", "manage"),
    Route("POST", "/api/sms/config/<assistant_id>/numbers/<number_id>/look", "manage"),
    Route("GET", "/api/sms/config/<assistant_id>/audit", "manage"),
    Route("GET", "/api/sms/config/<assistant_id>/consent", "manage"),
    Route("GET", "/api/sms/config/<assistant_id>/consent.csv", "manage"),
    Route("GET", "/api/sms/config/<assistant_id>/token", "manage"),
    Route("POST", "/api/sms/config/<assistant_id>/token", "manage"),
    Route("DELETE", "/api/sms/config/<assistant_id>/token", "manage"),
    Route("POST", "/api/sms/config/<assistant_id>/token/main", "manage"),
    Route("GET", "/api/sms/doctor/<assistant_id>", "manage"),
    Route("POST", "/api/sms/doctor/<assistant_id>", "manage"),
    Route("POST", "/api/sms/doctor/<assistant_id>/fix/<name>", "manage"),
    Route("GET", "/api/sms/analytics/<assistant_id>", "look"),
    Route("GET", "/api/sms/analytics/<assistant_id>.csv", "look"),
    Route("GET", "/api/sms/sessions/<assistant_id>", "look"),
    Route("GET", "/api/sms/sessions/<assistant_id>/<session_id>", "look"),
    Route("DELETE", "/api/sms/sessions/<assistant_id>/<session_id>", "manage"),
    Route("GET", "/api/sms/sessions/<assistant_id>/<session_id>/messages", "look"),
    Route("POST", "/api/sms/sessions/<assistant_id>/<session_id>/consent", "manage"),
    Route("POST", "/api/sms/sessions/<assistant_id>/<session_id>/wake", "manage"),
    Route(
        "POST", "/api/sms/sessions/<assistant_id>/<session_id>/messages/<message_id>/answer-again", "manage"
    ),
    Route("POST", "/api/sms/sessions/<assistant_id>/<session_id>/messages/<message_id>/dismiss", "manage"),
    Route("POST", "/api/sms/sessions/<assistant_id>/<session_id>/messages/<message_id>/resend", "manage"),
    Route("GET", "/api/sms/openapi.json", "anybody"),
    Route("GET", "/api/sms/health", "anybody"),
    Route("GET", "/api/sms/metrics", "operator"),
    Route("POST", "/api/sms/webhook/<assistant_id>", "twilio"),
    Route("POST", "/api/sms/status/<assistant_id>", "twilio"),
]

OF_A_SESSION = [route for route in ROUTES if "<session_id>" in route.rule]
OF_AN_ASSISTANT = [route for route in ROUTES if route.who in ("manage", "look")]


def name(route: Route) -> str:
    return f"{route.method} {route.rule}"
