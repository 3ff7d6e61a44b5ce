"""Pause a channel's sending on its page, and let it go on."""

from __future__ import annotations

from werkzeug.wrappers import Response as BaseResponse

from illumichat_sms_plugin.blueprints.guards import visit_page
from illumichat_sms_plugin.blueprints.pages.blueprint import page_blueprint
from illumichat_sms_plugin.blueprints.pages.done_note import back_to_page
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services import pauses

blueprint = page_blueprint("sms_pauses")


@blueprint.post("/sms/<assistant_id>/settings/pause")
def pause(assistant_id: str) -> BaseResponse:
    """Stop sending; texts are recorded all the same."""
    visit = visit_page(assistant_id, manage=True)
    pauses.pause(current_runtime(), assistant_id, by=visit.person)
    return back_to_page(assistant_id, "paused")


@blueprint.post("/sms/<assistant_id>/settings/resume")
def resume(assistant_id: str) -> BaseResponse:
    """Go on sending."""
    visit = visit_page(assistant_id, manage=True)
    pauses.resume(current_runtime(), assistant_id, by=visit.person)
    return back_to_page(assistant_id, "resumed")
