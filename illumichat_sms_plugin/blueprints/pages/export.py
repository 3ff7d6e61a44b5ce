"""Everything that is stored of one texter, as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Response, stream_template

from illumichat_sms_plugin.blueprints.guards import viewer_of, visit_page
from illumichat_sms_plugin.blueprints.ids import our_id
from illumichat_sms_plugin.blueprints.pages.audit_words import audit_lines
from illumichat_sms_plugin.blueprints.pages.blueprint import page_blueprint
from illumichat_sms_plugin.blueprints.pages.local_clock import LocalClock
from illumichat_sms_plugin.blueprints.pages.visible_text import visible_text
from illumichat_sms_plugin.host import Assistant
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.sessions.export_texter import Export, export_texter
from illumichat_sms_plugin.services.sessions.session_list import NO_SUCH_SESSION

blueprint = page_blueprint("sms_export")


@blueprint.get("/sms/<assistant_id>/sessions/<session_id>/export")
def export(assistant_id: str, session_id: str) -> Response:
    """Sent as it is read. The audit says that it was exported."""
    visit = visit_page(assistant_id, manage=True)
    found = export_texter(
        current_runtime(),
        find_channel_id(assistant_id),
        our_id(session_id, NO_SUCH_SESSION),
        viewer_of(visit),
        by=visit.person,
    )
    return Response(
        as_html(found, visit.assistant),
        mimetype="text/html",
        headers={"Content-Disposition": f'attachment; filename="sms-session-{found.session.id}.html"'},
    )


def as_html(found: Export, assistant: Assistant) -> Iterator[str]:
    """The file in pieces."""
    return stream_template(
        "illumichat_sms/sessions/export.html",
        assistant=assistant,
        clock=LocalClock(assistant.workspace),
        found=found,
        now=datetime.now(UTC),
        session=found.session,
        lines=lambda: (audit_lines([entry])[0] for entry in found.audit()),
        visible=visible_text,
    )
