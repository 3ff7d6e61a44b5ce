"""Saving, testing and disconnecting: the form of the SMS page."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, request
from werkzeug.wrappers import Response as BaseResponse

from illumichat_sms_plugin.blueprints.guards import Visit, visit_page
from illumichat_sms_plugin.blueprints.pages.blueprint import page_blueprint
from illumichat_sms_plugin.blueprints.pages.channel import show_channel
from illumichat_sms_plugin.blueprints.pages.channel_form import ChannelForm
from illumichat_sms_plugin.blueprints.pages.done_note import back_to_page
from illumichat_sms_plugin.blueprints.pages.rendering import render, wants_fragment
from illumichat_sms_plugin.blueprints.pages.seen_version import seen_version
from illumichat_sms_plugin.blueprints.retry_after import say_when
from illumichat_sms_plugin.errors import InvalidInput, NotFound, RateLimited
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.audit import last_change
from illumichat_sms_plugin.services.setup.ask_and_save import Saved, ask_and_save
from illumichat_sms_plugin.services.setup.channel_settings import read_settings
from illumichat_sms_plugin.services.setup.ownership import Asked
from illumichat_sms_plugin.services.setup.save_channel import NumberTaken, Outdated, disconnect
from illumichat_sms_plugin.services.setup.take_out_webhook import (
    disconnect_and_take_out,
    see_what_points_here,
)
from illumichat_sms_plugin.services.setup.try_credentials import try_credentials
from illumichat_sms_plugin.services.setup.webhook_target import judge_target

blueprint = page_blueprint("sms_settings")
OUTCOMES = {Asked.REFUSED: "refused", Asked.NO_ANSWER: "unchecked"}


@blueprint.post("/sms/<assistant_id>/settings")
def save(assistant_id: str) -> BaseResponse:
    """Save the form, or show it again with what is wrong."""
    visit = visit_page(assistant_id, manage=True)
    runtime = current_runtime()
    form = ChannelForm.of_request()
    before = read_settings(runtime, assistant_id)
    if before.version != form.version:
        form, clashing = form.rebased(before)
        if clashing:
            return _ask_again(visit, form, clashing)
    try:
        changes = form.changes(before)
        saved = ask_and_save(runtime, visit.assistant, changes, by=visit.person, seen_version=form.version)
    except InvalidInput as error:
        return show_channel(visit, 422, form=form, errors=error.fields, problem=str(error))
    except NumberTaken as error:
        return show_channel(
            visit,
            409,
            form=form,
            errors={"phone_number": str(error)},
            problem=say("The number was not saved."),
        )
    except Outdated:  # somebody saved in this very moment
        return _ask_again(visit, *form.rebased(read_settings(runtime, assistant_id)))
    except RateLimited as error:
        return say_when(
            show_channel(visit, 429, form=form, problem=say("Nothing was saved. {error}", error=error)), error
        )
    after = read_settings(runtime, assistant_id)
    connected = after.is_connected and not before.is_connected
    return back_to_page(assistant_id, _done(assistant_id, saved, connected=connected))


def _done(assistant_id: str, saved: Saved, *, connected: bool) -> str:
    """The name of the note to leave, see done_note.py."""
    verdict = saved.verdict
    what = "connected" if connected else "saved"
    if verdict.asked in OUTCOMES:
        return f"{what}-{OUTCOMES[verdict.asked]}"
    expected = current_runtime().settings.webhook_url(assistant_id)
    is_set = verdict.number is not None and judge_target(verdict.number, None, expected).is_right
    if not connected:
        return "saved-unset" if verdict.asked is Asked.OWNED and not is_set else what
    return "connected-already" if is_set else "connected"


def _ask_again(visit: Visit, form: ChannelForm, clashing: dict[str, str]) -> Response:
    """Somebody else changed the same: show what is stored now beside what was typed; saving again replaces it knowingly."""
    settings = read_settings(current_runtime(), visit.assistant.id)
    last = last_change(settings.id) if settings.id is not None else None
    return show_channel(
        visit, 409, form=form, conflict={"by": last.person_name if last else None, "now": clashing}
    )


@blueprint.post("/sms/<assistant_id>/settings/test")
def test(assistant_id: str) -> Response:
    """Try the credentials in the form, without saving anything."""
    visit = visit_page(assistant_id, manage=True)
    form = ChannelForm.of_request()
    picked = request.form.get("pick", "")
    if picked and not form.typed_secrets and not wants_fragment():
        return _fill_in(visit, _with_number(form, picked))
    context: dict[str, Any] = {"report": None, "problem_fields": {}, "test_problem": None}
    status, too_often = 200, None
    try:
        context["report"] = try_credentials(
            current_runtime(),
            visit.assistant,
            account_sid=form.account_sid,
            auth_token=form.auth_token,
            api_key_sid=form.api_key_sid,
            api_key_secret=form.api_key_secret,
            phone_number=picked or form.phone_number,
            by=visit.person,
        )
    except InvalidInput as error:
        context |= {"test_problem": str(error), "problem_fields": error.fields}
        status = 422
    except RateLimited as error:
        context |= {"test_problem": str(error)}
        status, too_often = 429, error
    if wants_fragment():
        response = make_response(render("settings/_report.html", **context), status)
    else:
        form = _with_number(form, picked) if picked else form
        errors = context["problem_fields"]
        response = show_channel(visit, status, form=form, errors=errors, tested=True, **context)
    return say_when(response, too_often) if too_often else response


def _fill_in(visit: Visit, form: ChannelForm) -> Response:
    """The form with the number that was picked; the page came back without the token that found it."""
    settings = read_settings(current_runtime(), visit.assistant.id)
    same = settings.account_sid == form.account_sid
    by_key = form.api_key_sid and settings.api_key_sid == form.api_key_sid
    stored = same and (settings.has_auth_token or by_key)
    again = (
        {} if stored else {"auth_token": say("Enter the Auth Token once more: a page never shows it again.")}
    )
    return show_channel(visit, form=form, errors=again)


def _with_number(form: ChannelForm, number: str) -> ChannelForm:
    values = {field: getattr(form, field) for field in ChannelForm.__dataclass_fields__}
    return ChannelForm(**(values | {"phone_number": number}))


@blueprint.get("/sms/<assistant_id>/settings/disconnect")
def ask_disconnect(assistant_id: str) -> Response:
    """The question before the number is disconnected."""
    visit = visit_page(assistant_id, manage=True)
    settings = read_settings(current_runtime(), assistant_id)
    if not settings.account_sid:
        raise NotFound(say("SMS is not connected for this assistant."))
    pointing = see_what_points_here(current_runtime(), assistant_id, by=visit.person)
    return make_response(
        render("settings/disconnect.html", visit=visit, settings=settings, pointing=pointing)
    )


@blueprint.post("/sms/<assistant_id>/settings/disconnect")
def do_disconnect(assistant_id: str) -> BaseResponse:
    """Forget credentials and number, keep everything else; take the webhook out at Twilio if the box is ticked."""
    visit = visit_page(assistant_id, manage=True)
    runtime, seen = current_runtime(), seen_version()
    if "take_out_webhook" not in request.form:
        disconnect(runtime, assistant_id, by=visit.person, seen_version=seen)
        return back_to_page(assistant_id, "disconnected")
    done = disconnect_and_take_out(runtime, assistant_id, by=visit.person, seen_version=seen)
    return back_to_page(assistant_id, f"disconnected-{done.outcome}")
