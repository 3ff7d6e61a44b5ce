"""Everything that is stored of one texter, for whoever may have it: the page and the API send the same export in their own form."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, stream_with_context

from illumichat_sms_plugin.blueprints.guards import Visit, viewer_of
from illumichat_sms_plugin.blueprints.ids import our_id
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.sessions.export_texter import Export, export_texter
from illumichat_sms_plugin.services.sessions.session_list import NO_SUCH_SESSION


def exported(visit: Visit, session_id: str) -> Export:
    """What is stored of this session's texter. The audit says that it was exported."""
    channel_id = find_channel_id(visit.assistant.id)
    return export_texter(
        current_runtime(), channel_id, our_id(session_id, NO_SUCH_SESSION), viewer_of(visit), by=visit.person
    )


def sent_as_it_is_read(found: Export, pieces: Iterator[str], mimetype: str) -> Response:
    """A file to keep, named after the session."""
    name = f"sms-session-{found.session.id}.{mimetype.rpartition('/')[2]}"
    return Response(
        stream_with_context(pieces),
        mimetype=mimetype,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
