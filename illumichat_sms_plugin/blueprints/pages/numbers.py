"""The further numbers of a channel on the SMS page: a switch for each."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response as BaseResponse

from illumichat_sms_plugin.blueprints.guards import visit_page
from illumichat_sms_plugin.blueprints.ids import our_id
from illumichat_sms_plugin.blueprints.pages.blueprint import page_blueprint
from illumichat_sms_plugin.blueprints.pages.done_note import back_to_page
from illumichat_sms_plugin.services.setup.switch_number import NO_NUMBER, ask_again, switch_number

blueprint = page_blueprint("sms_numbers")


@blueprint.post("/sms/<assistant_id>/settings/numbers/<number_id>")
def change(assistant_id: str, number_id: str) -> BaseResponse:
    """Turn it on or off, or have Twilio asked about it once more."""
    visit = visit_page(assistant_id, manage=True)
    number = our_id(number_id, NO_NUMBER)
    wanted = request.form.get("enabled", "")
    if wanted not in ("yes", "no"):
        ask_again(assistant_id, number, by=visit.person)
        return back_to_page(assistant_id, "number-asked")
    switch_number(assistant_id, number, enabled=wanted == "yes", by=visit.person)
    return back_to_page(assistant_id, "number-on" if wanted == "yes" else "number-off")
