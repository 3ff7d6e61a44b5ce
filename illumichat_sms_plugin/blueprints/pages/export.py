"""Everything that is stored of one texter, as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Response, current_app
from jinja2 import PackageLoader

from illumichat_sms_plugin.blueprints.exported import exported, sent_as_it_is_read
from illumichat_sms_plugin.blueprints.guards import visit_page
from illumichat_sms_plugin.blueprints.pages.audit_words import audit_lines
from illumichat_sms_plugin.blueprints.pages.blueprint import page_blueprint
from illumichat_sms_plugin.blueprints.pages.local_clock import LocalClock
from illumichat_sms_plugin.blueprints.pages.page_language import page_language
from illumichat_sms_plugin.blueprints.pages.visible_text import visible_text
from illumichat_sms_plugin.host import Assistant
from illumichat_sms_plugin.languages.language import ENGLISH, Language, speaking
from illumichat_sms_plugin.languages.wording import say_html, say_html_n
from illumichat_sms_plugin.services.sessions.export_texter import Export

PACKAGE, TEMPLATE = "illumichat_sms_plugin", "illumichat_sms/sessions/export.html"

blueprint = page_blueprint("sms_export")


@blueprint.get("/sms/<assistant_id>/sessions/<session_id>/export")
def export(assistant_id: str, session_id: str) -> Response:
    """Sent as it is read. The audit says that it was exported."""
    visit = visit_page(assistant_id, manage=True)
    found = exported(visit, session_id)
    return sent_as_it_is_read(found, as_html(found, visit.assistant, page_language()), "text/html")


def as_html(found: Export, assistant: Assistant, language: Language = ENGLISH) -> Iterator[str]:
    """The file in pieces. The command makes it, too, where the app has none of our pages: the template is found without them."""
    template = current_app.jinja_env.overlay(loader=PackageLoader(PACKAGE)).get_template(TEMPLATE)
    pieces = template.generate(
        assistant=assistant,
        clock=LocalClock(assistant.workspace),
        found=found,
        lang=language.tag,
        now=datetime.now(UTC),
        say=say_html,
        say_n=say_html_n,
        session=found.session,
        lines=lambda: (audit_lines([entry])[0] for entry in found.audit()),
        visible=visible_text,
    )
    while True:
        with speaking(language):  # for each piece: what happens between two is not the page
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece
