"""Everything that is stored of one texter, as one JSON document that is sent while it is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from flask import Response
from marshmallow import Schema

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.blueprints.exported import exported, sent_as_it_is_read
from illumichat_sms_plugin.blueprints.guards import visit_api
from illumichat_sms_plugin.schemas.audit import AuditEntry
from illumichat_sms_plugin.schemas.export import ExportSchema, NotSentSchema
from illumichat_sms_plugin.schemas.openapi import describe
from illumichat_sms_plugin.schemas.sessions import ConsentEventSchema, SessionSchema
from illumichat_sms_plugin.schemas.texts import TextSchema
from illumichat_sms_plugin.services.sessions.export_texter import Export

blueprint = api_blueprint("sms_api_export")


@blueprint.get("/api/sms/sessions/<assistant_id>/<session_id>/export")
@describe(
    "Export all that is stored of a texter: texts sent and not sent, consent, and what people did to them. Attached files are named.",
    responses={200: ExportSchema},
    errors=(429,),
    name="exportTexter",
)
def export(assistant_id: str, session_id: str) -> Response:
    """Sent as it is read. The audit says that it was exported."""
    visit = visit_api(assistant_id, manage=True)
    found = exported(visit, session_id)
    return sent_as_it_is_read(found, as_json(found), "application/json")


def as_json(found: Export) -> Iterator[str]:
    """The document in pieces, each complete or the start of a list."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    yield f'{{"exportedAt": "{now}",\n"session": {_dumped(SessionSchema(), found.session)},\n"consent": '
    yield json.dumps(ConsentEventSchema().dump(found.consent, many=True), ensure_ascii=False)
    yield ',\n"texts": ['
    yield from _listed(TextSchema(), found.texts())
    yield '],\n"notSent": ['
    yield from _listed(NotSentSchema(), found.not_sent())
    yield '],\n"audit": ['
    yield from _listed(AuditEntry(), found.audit())
    yield f'],\n"complete": {"true" if found.is_complete else "false"}}}\n'


def _listed(schema: Schema, values: Iterable[Any]) -> Iterator[str]:
    for number, value in enumerate(values):
        yield f"{',' if number else ''}\n{_dumped(schema, value)}"


def _dumped(schema: Schema, value: Any) -> str:
    return json.dumps(schema.dump(value), ensure_ascii=False)
