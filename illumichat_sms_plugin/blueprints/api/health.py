"""For a load balancer and for Prometheus: is it working, and how much is there to do?

The metrics stay in the dark without ``SMS_METRICS_TOKEN``: how many texts a business gets is its own affair.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from flask import Response, jsonify, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.errors import NotFound
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.schemas.health import HealthSchema
from illumichat_sms_plugin.schemas.openapi import METRICS_TOKEN, describe
from illumichat_sms_plugin.services.health import Figures, check_health, read_figures
from illumichat_sms_plugin.services.reconcile.web_outages import note_response

blueprint = api_blueprint("sms_health")


@blueprint.get("/api/sms/health")
@describe(
    "Is the SMS channel working? 503 when texts cannot be recorded.",
    responses={200: HealthSchema, 503: HealthSchema},
    opened_by=None,
)
def health() -> Response:
    """503 only while no text can be recorded; without Redis they are recorded and answered later."""
    found = check_health(current_runtime())
    response = jsonify(
        status=found.status,
        database=found.database,
        databasePooler=found.pooler,
        queue=found.queue,
        housekeeping=found.housekeeping,
    )
    response.status_code = 503 if found.status == "down" else 200
    note_response(current_runtime(), response.status_code)
    return response


@blueprint.get("/api/sms/metrics")
@describe(
    "Figures for Prometheus; opened by the bearer token SMS_METRICS_TOKEN, unknown to everybody else.",
    responses={200: "text/plain", 503: "text/plain"},
    errors=(404,),
    opened_by=METRICS_TOKEN,
)
def metrics() -> Response:
    """The figures of this moment, counted when asked."""
    runtime = current_runtime()
    token = runtime.settings.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise NotFound("There is nothing here.")
    try:
        figures = read_figures(runtime)
    except SQLAlchemyError:
        return Response("The database cannot be reached.\n", 503, mimetype="text/plain")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(figures))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Collector:
    """The figures in Prometheus' words."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterable[GaugeMetricFamily]:
        f = self._figures
        plain: tuple[tuple[str, str, float | None], ...] = (
            ("waiting_texts", "Texts that wait for their answer.", f.waiting),
            ("oldest_waiting_seconds", "Age of the oldest of them.", f.oldest_waiting),
            ("unfinished_sends", "Answers being sent, or in doubt.", f.unfinished),
            ("unsettled_sends", "Answers that wait for an admin: Resend or Dismiss.", f.unsettled),
            ("channels", "Connected channels that are on.", f.channels),
            (
                "channels_with_trouble",
                "Of these, with an error that an admin has to fix.",
                f.channels_with_trouble,
            ),
            ("housekeeping_age_seconds", "Time since housekeeping last did something.", f.housekeeping_age),
            ("queued_jobs", "Jobs in the queue.", f.queue_length),
            ("workers", "RQ workers (threads of flask sms worker) that listen.", f.workers),
            ("foreign_jobs", "Jobs that are not ours, set aside since Redis was last empty.", f.foreign_jobs),
            ("inbound_texts_last_hour", "Texts that came in within the last hour.", f.inbound),
        )
        for name, doc, value in plain:
            if value is not None:
                yield GaugeMetricFamily(f"illumichat_sms_{name}", doc, value=value)
        yield _labelled("outbound_texts_last_hour", "Answers of the last hour.", "state", f.outbound)
        yield _labelled(
            "cut_answers_last_hour",
            "Answers of the last hour that were cut at Max Message Length.",
            "rest",
            f.cut,
        )
        yield _labelled(
            "channel_attention", "Connected channels that somebody has to look at.", "reason", f.attention
        )
        security = GaugeMetricFamily(
            "illumichat_sms_security_events_last_hour",
            "What stands in the log illumichat_sms.security.",
            labels=["event", "reason"],
        )
        for (event, reason), times in f.security.items():
            security.add_metric([event, reason], times)
        yield security
        yield _labelled(
            "refused_webhooks_last_hour", "Webhooks refused within the last hour.", "reason", f.refused
        )


def _labelled(name: str, doc: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"illumichat_sms_{name}", doc, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family
