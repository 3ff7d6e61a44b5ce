"""The Doctor as JSON: the last result, and a new run."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.blueprints.doctor_actions import action_url
from illumichat_sms_plugin.blueprints.guards import visit_api
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.schemas.doctor import DoctorSchema, FixedSchema
from illumichat_sms_plugin.schemas.openapi import describe
from illumichat_sms_plugin.services.doctor.fixes import apply_fix
from illumichat_sms_plugin.services.doctor.results import Run, is_outdated, last_run
from illumichat_sms_plugin.services.doctor.run import start_run
from illumichat_sms_plugin.services.findings import Action

blueprint = api_blueprint("sms_api_doctor")


@blueprint.get("/api/sms/doctor/<assistant_id>")
@describe("Read what the Doctor found last, or has found so far.", responses={200: DoctorSchema})
def get_doctor(assistant_id: str) -> Response:
    """The last run."""
    visit_api(assistant_id, manage=True)
    return _response(assistant_id)


@blueprint.post("/api/sms/doctor/<assistant_id>")
@describe(
    "Start the Doctor; poll with GET until `running` is false.",
    responses={202: DoctorSchema},
    errors=(409, 429),
)
def post_doctor(assistant_id: str) -> Response:
    """A new run."""
    visit = visit_api(assistant_id, manage=True)
    start_run(assistant_id, by=visit.person)
    response = _response(assistant_id)
    response.status_code = 202
    return response


@blueprint.post("/api/sms/doctor/<assistant_id>/fix/<name>")
@describe(
    "Fix one thing that the Doctor found: the `target` of an action whose kind is `fix`.",
    responses={200: FixedSchema},
    errors=(400, 409, 429, 502),
    name="fixFinding",
)
def fix(assistant_id: str, name: str) -> Response:
    """409 for a foreign webhook, which only POST …/webhook replaces."""
    visit = visit_api(assistant_id, manage=True)
    done = apply_fix(current_runtime(), assistant_id, name, by=visit.person)
    return jsonify(FixedSchema().dump({"done": done}))


def _response(assistant_id: str) -> Response:
    run = last_run(assistant_id)
    body = {"run": _as_dict(run, assistant_id) if run is not None else None}
    return jsonify(DoctorSchema().dump(body))


def _as_dict(run: Run, assistant_id: str) -> dict[str, Any]:
    return {
        "id": run.id,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "running": run.running,
        "done": run.done,
        "worst": run.worst,
        "outdated": is_outdated(run, assistant_id),
        "checks": [
            {
                "name": check.name,
                "title": check.title,
                "result": check.level,
                "evidence": check.evidence,
                "fix": check.fix,
                "action": check.action and _action(check.action, assistant_id),
            }
            for check in run.checks
        ],
    }


def _action(action: Action, assistant_id: str) -> dict[str, str | None]:
    url = action_url(action, assistant_id)
    return {"label": action.label, "kind": action.kind, "target": action.target, "url": url}
