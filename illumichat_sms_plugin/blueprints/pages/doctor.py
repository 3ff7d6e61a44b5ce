"""The Doctor's page and panel: start it, watch it, fix what it found."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from illumichat_sms_plugin.blueprints.doctor_actions import action_url
from illumichat_sms_plugin.blueprints.guards import Visit, visit_page
from illumichat_sms_plugin.blueprints.pages.blueprint import page_blueprint
from illumichat_sms_plugin.blueprints.pages.channel_reading import ChannelReading
from illumichat_sms_plugin.blueprints.pages.done_note import forget_note, leave_note, noted
from illumichat_sms_plugin.blueprints.pages.local_clock import LocalClock
from illumichat_sms_plugin.blueprints.pages.rendering import render, wants_fragment
from illumichat_sms_plugin.blueprints.pages.visible_text import visible_text
from illumichat_sms_plugin.errors import Conflict
from illumichat_sms_plugin.in_words import count
from illumichat_sms_plugin.languages.wording import joined, say
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.doctor.fixes import FIXES, apply_fix
from illumichat_sms_plugin.services.doctor.results import Run, is_outdated, last_run
from illumichat_sms_plugin.services.doctor.run import start_run
from illumichat_sms_plugin.services.findings import Level
from illumichat_sms_plugin.services.setup.webhook_setup import ForeignWebhook

blueprint = page_blueprint("sms_doctor")

ATTENTION = (Level.PROBLEM, Level.WARNING)


@blueprint.get("/sms/<assistant_id>/doctor")
def doctor(assistant_id: str) -> Response:
    """The last run; while it runs, the page reloads by itself without JavaScript too."""
    visit = visit_page(assistant_id, manage=True)
    fixed = FIXES.get(noted())
    page = render("doctor/doctor.html", **_context(visit), fixed=fixed.done if fixed else None)
    return forget_note(make_response(page), assistant_id) if fixed else make_response(page)


@blueprint.get("/sms/<assistant_id>/doctor/progress")
def progress(assistant_id: str) -> str:
    """What htmx fetches while the Doctor is at work."""
    visit = visit_page(assistant_id, manage=True)
    return render("doctor/_run.html", **_context(visit), announce=True, open="open" in request.args)


@blueprint.post("/sms/<assistant_id>/doctor")
def run(assistant_id: str) -> Response | str:
    """Start the Doctor; one that is at work already is shown instead."""
    visit = visit_page(assistant_id, manage=True)
    with suppress(Conflict):  # pressed twice, or by two people: both watch the same run
        start_run(assistant_id, by=visit.person)
    if wants_fragment():
        return render("doctor/_run.html", **_context(visit), announce=True, open="open" in request.args)
    return redirect(url_for(".doctor", assistant_id=assistant_id), 303)


@blueprint.post("/sms/<assistant_id>/doctor/fix/<name>")
def fix(assistant_id: str, name: str) -> Response:
    """Fix one thing. A foreign address is asked about on the page of Webhook Setup."""
    visit = visit_page(assistant_id, manage=True)
    try:
        apply_fix(current_runtime(), assistant_id, name, by=visit.person)
    except ForeignWebhook:
        return redirect(url_for("sms_webhook_setup.look", assistant_id=assistant_id), 303)
    return leave_note(redirect(url_for(".doctor", assistant_id=assistant_id), 303), assistant_id, name)


def panel_context(reading: ChannelReading) -> dict[str, Any]:
    """For ``doctor/_panel.html``."""
    return {name: value for name, value in _context(reading.visit).items() if name != "visit"}


def _context(visit: Visit) -> dict[str, Any]:
    found = last_run(visit.assistant.id)
    return {
        "visit": visit,
        "assistant": visit.assistant,
        "clock": LocalClock(visit.assistant.workspace),
        "visible": visible_text,
        "run": found,
        "summary": _summary(found),
        "groups": _groups(found),
        "outdated": found is not None and is_outdated(found, visit.assistant.id),
        "action_url": action_url,
    }


def _groups(found: Run | None) -> dict[str, list[Any]]:
    """The checks by how urgent they are. Only problems stand unfolded among the other parts of the SMS page."""
    checks = found.checks if found else ()
    return {
        "problems": [check for check in checks if check.level is Level.PROBLEM],
        "warnings": [check for check in checks if check.level is Level.WARNING],
        "others": [check for check in checks if check.level not in ATTENTION],
    }


def _summary(found: Run | None) -> str:
    if found is None:
        return say("The Doctor has not looked yet.")
    if found.running:
        return say("The Doctor is looking. Findings appear as they come in.")
    unknowns = found.count(Level.UNKNOWN)
    sentences = [_wrong(found.count(Level.PROBLEM), found.count(Level.WARNING))]
    if unknowns:
        sentences.append(say("{points} not checked.", points=count(unknowns, "point")))
    return joined(" ", sentences)


def _wrong(problems: int, warnings: int) -> str:
    if problems and warnings:
        return say(
            "{problems} and {warnings} found.",
            problems=count(problems, "problem"),
            warnings=count(warnings, "warning"),
        )
    if problems:
        return say("{problems} found.", problems=count(problems, "problem"))
    if warnings:
        return say("{warnings} found.", warnings=count(warnings, "warning"))
    return say("Nothing is wrong.")
