"""The SMS page of an assistant: all panels in their order."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response, request

from illumichat_sms_plugin.blueprints.guards import Visit, visit_page
from illumichat_sms_plugin.blueprints.pages.audit_words import audit_lines
from illumichat_sms_plugin.blueprints.pages.blueprint import page_blueprint
from illumichat_sms_plugin.blueprints.pages.channel_form import LABELS, ChannelForm
from illumichat_sms_plugin.blueprints.pages.channel_reading import ChannelReading
from illumichat_sms_plugin.blueprints.pages.done_note import forget_note, read_note
from illumichat_sms_plugin.blueprints.pages.first_text import of_first_text
from illumichat_sms_plugin.blueprints.pages.in_two_steps import LOWER_PARTS, in_two_steps
from illumichat_sms_plugin.blueprints.pages.local_clock import LocalClock
from illumichat_sms_plugin.blueprints.pages.panels import (
    ABOVE_THE_FORM,
    BELOW_THE_FORM,
    GLANCE,
    render_panel,
    render_panels,
)
from illumichat_sms_plugin.blueprints.pages.rendering import render
from illumichat_sms_plugin.blueprints.pages.reply_lengths import SCRIPT_DATA
from illumichat_sms_plugin.blueprints.pages.retention_words import retention_in_words
from illumichat_sms_plugin.blueprints.pages.settled import account_in_a_line, account_is_settled, parts_of
from illumichat_sms_plugin.channel_options import ADMIN_OPTIONS
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.audit import recent_entries
from illumichat_sms_plugin.services.further_numbers import further_numbers
from illumichat_sms_plugin.services.retention.how_long import retention_of
from illumichat_sms_plugin.services.setup.account_findings import PERMISSIONS
from illumichat_sms_plugin.services.setup.channel_settings import ChannelSettings
from illumichat_sms_plugin.services.setup.channel_state import StateCode, state_of
from illumichat_sms_plugin.services.setup.limit_advice import propose, segments_of_an_answer
from illumichat_sms_plugin.services.setup.token_history import stored_tokens
from illumichat_sms_plugin.services.setup.webhook_setup import webhook_urls

blueprint = page_blueprint("sms_channel")

WAITS_FOR_A_TEXT = frozenset({StateCode.ON, StateCode.ONE_STEP_LEFT})
MENU = (
    ("sms-top", say("Overview"), False),
    ("settings", say("Settings"), True),
    ("webhook", say("Webhook"), True),
    ("analytics", say("Analytics"), False),
    ("sessions", say("Sessions"), False),
)
"""The parts that the page's menu leads to, and whether only those who may manage have them."""


@blueprint.get("/sms/<assistant_id>")
def channel_page(assistant_id: str) -> Response:
    """Everything about SMS of this assistant; members see the figures and sessions only."""
    visit = visit_page(assistant_id, manage=False)
    note = read_note()
    page = show_channel(visit, done=note)
    return forget_note(page, assistant_id) if note is not None else page


def show_channel(visit: Visit, status: int = 200, **overrides: Any) -> Response:
    """The page; ``overrides`` put a form with its errors in the place of the stored settings."""
    runtime = current_runtime()
    reading = ChannelReading(runtime, visit, request.args.to_dict())
    settings = reading.settings
    context: dict[str, Any] = {
        "visit": visit,
        "settings": settings,
        "state": state_of(settings),
        "menu": [(part, label) for part, label, managed in MENU if visit.may_manage or not managed],
        "glance": render_panel(GLANCE, reading),
        "lower_parts": LOWER_PARTS,
    }
    if visit.may_manage:
        context |= _for_managers(reading)
        context["panels_above"] = render_panels(ABOVE_THE_FORM, reading)
    context |= overrides
    if visit.may_manage:
        context |= _of_the_form(settings, context)
    lower = [partial(render_panel, panel, reading) for panel in BELOW_THE_FORM]
    return in_two_steps(render("channel.html", **context), lower, status)


def _for_managers(reading: ChannelReading) -> dict[str, Any]:
    runtime, visit, settings = reading.runtime, reading.visit, reading.settings
    lately = reading.lately.thirty_days if settings.id is not None else None
    return {
        "proposal": propose(settings.options, lately) if lately else None,
        "long_answers": segments_of_an_answer(lately) if lately else None,
        "form": ChannelForm.of_settings(settings),
        "errors": {},
        "labels": LABELS,
        "api_key_permissions": PERMISSIONS,
        "script_data": SCRIPT_DATA,
        "answers_left": {
            "per_hour": min(settings.options.answers_per_hour, runtime.settings.answers_per_hour),
            "per_day": min(settings.options.answers_per_day, runtime.settings.answers_per_day),
        },
        "urls": webhook_urls(runtime.settings, visit.assistant.id),
        "tokens": stored_tokens(settings.id) if settings.id is not None else None,
        "numbers": further_numbers(settings.id) if settings.id is not None else [],
        **_first_text(visit, settings),
        "audit": audit_lines(recent_entries(settings.id)) if settings.id is not None else [],
    }


def _first_text(visit: Visit, settings: ChannelSettings) -> dict[str, Any]:
    """Until its first text has come, a channel that is in use has a part that waits for it."""
    follows = state_of(settings).code in WAITS_FOR_A_TEXT and not settings.last_text_at
    return {"follows_first_text": True, **of_first_text(visit, settings)} if follows else {}


def _of_the_form(settings: ChannelSettings, context: dict[str, Any]) -> dict[str, Any]:
    """What follows from the form that is shown: the stored one, or one that came back with its errors."""
    conflict = context.get("conflict") or {}
    touched = {*context["errors"], *conflict.get("now", ())}
    workspace = context["visit"].assistant.workspace
    kept, clock = (
        retention_of(current_runtime().settings, settings.id, settings.options),
        LocalClock(workspace),
    )
    return {
        "meanings": context["form"].meanings(workspace.name) | {"keep_days": retention_in_words(kept, clock)},
        "account_line": account_in_a_line(settings),
        "account_is_settled": account_is_settled(settings, touched) and not context.get("tested"),
        "parts": parts_of(ADMIN_OPTIONS, settings.options.values(), touched),
    }
