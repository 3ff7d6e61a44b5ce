"""What the running plugin holds: settings, host, secrets, queue and Twilio's clients."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app

from illumichat_sms_plugin.config import Settings
from illumichat_sms_plugin.encryption import SecretBox
from illumichat_sms_plugin.event_log import EventLog
from illumichat_sms_plugin.host import Host, offered
from illumichat_sms_plugin.job_queue import JobQueue
from illumichat_sms_plugin.job_queue.change_signal import ChangeSignal
from illumichat_sms_plugin.runtime.rejection_buffer import RejectionBuffer
from illumichat_sms_plugin.runtime.ttl_cache import TtlCache
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClients

EXTENSION = "illumichat_sms"


def _set() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass(frozen=True, slots=True)
class Runtime:
    """One per Flask app; everything in it is safe to share between threads."""

    settings: Settings
    host: Host
    secrets: SecretBox
    queue: JobQueue
    twilio: TwilioClients
    channels: TtlCache[Any] = field(repr=False)
    changes: ChangeSignal = field(repr=False)
    health: TtlCache[Any] = field(default_factory=lambda: TtlCache(1.0), repr=False)
    rejections: RejectionBuffer[Any] = field(default_factory=RejectionBuffer, repr=False)
    event_log: EventLog = field(default_factory=EventLog, repr=False)
    event_counts: RejectionBuffer[Any] = field(default_factory=RejectionBuffer, repr=False)
    """Security events on their way to the metrics; see services/security_events.py."""
    web_was_out: threading.Event = field(default_factory=_set, repr=False)
    """Set from the start of a process, or a failure, until its web has worked: texts may have been missed."""

    channel: Any = field(default=None, repr=False)
    """What the host may call: see sms_channel.py."""
    sweeps: dict[str, int] = field(default_factory=dict, repr=False)
    """Up to which session the last sweep of this process has come, by kind of undone text."""

    @classmethod
    def create(cls, settings: Settings, host: Host, channel: object = None) -> Runtime:
        """Build all parts; connects to nothing yet. ``channel`` is what the host may call."""
        queue = JobQueue(settings, offered(host, "redis_client"))
        return cls(
            settings=settings,
            host=host,
            secrets=SecretBox(settings.encryption_keys),
            queue=queue,
            twilio=TwilioClients(
                settings.twilio_api_url, settings.twilio_connect_timeout, settings.twilio_read_timeout
            ),
            channels=TtlCache(settings.channel_cache_ttl, swept=True),
            changes=ChangeSignal(settings, queue),
            channel=channel,
        )


def install(app: Flask, runtime: Runtime) -> None:
    """Make ``runtime`` the one that :func:`current_runtime` finds."""
    app.extensions[EXTENSION] = runtime


def current_runtime() -> Runtime:
    """The runtime of the current app."""
    found: Runtime = current_app.extensions[EXTENSION]
    return found
