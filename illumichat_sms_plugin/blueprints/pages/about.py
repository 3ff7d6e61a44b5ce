"""Help for admins: what happens to a text, what to do when no answer comes, opting out, costs, words."""

from __future__ import annotations

from illumichat_sms_plugin.blueprints.guards import visit_page
from illumichat_sms_plugin.blueprints.pages.blueprint import page_blueprint
from illumichat_sms_plugin.blueprints.pages.rendering import render
from illumichat_sms_plugin.host import offered
from illumichat_sms_plugin.in_words import span
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.no_reply import NoReply
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.no_reply import REASONS

blueprint = page_blueprint("sms_about")

CONTENTS = (
    ("way", say("What happens to a text")),
    ("trouble", say("When something goes wrong")),
    ("reasons", say("Why a text gets no answer")),
    ("opting-out", say("Opting out, and the law")),
    ("costs", say("What costs money")),
    ("practice", say("Good practice")),
    ("words", say("Words")),
)
"""The page's parts, as its list of contents names them."""
NOT_FOR_PEOPLE = frozenset({NoReply.TEST})
"""Reasons that no person's text ever has."""


@blueprint.get("/sms/<assistant_id>/about")
def about_page(assistant_id: str) -> str:
    """For everybody who may see the SMS page; links to what only admins have are there for admins only."""
    visit = visit_page(assistant_id, manage=False)
    runtime = current_runtime()
    return render(
        "about/page.html",
        visit=visit,
        contents=CONTENTS,
        reasons=[reason for name, reason in REASONS.items() if name not in NOT_FOR_PEOPLE],
        support_url=offered(runtime.host.pages, "support_url"),
        stale_after=span(runtime.settings.reply_stale_after),
    )
