"""What the plugin adds to a host, in order. This file lists; the work is done elsewhere."""

from __future__ import annotations

from flask import Flask

from illumichat_sms_plugin import runtime, slots
from illumichat_sms_plugin.blueprints import (
    analytics_page,
    api_analytics,
    api_config,
    api_doctor,
    api_openapi,
    api_sessions,
    api_setup,
    api_tokens,
    channel_page,
    doctor_page,
    health,
    rendering,
    session_pages,
    settings_page,
    token_page,
    twilio_webhooks,
    webhook_page,
)
from illumichat_sms_plugin.cli import sms_commands
from illumichat_sms_plugin.config import Settings
from illumichat_sms_plugin.errors import StartRefused
from illumichat_sms_plugin.host import SLOT_ANALYTICS_WIDGET, SLOT_CHANNEL_CARD, Host, missing_from

CONTRACT = "docs/host-contract.md"


class SmsPlugin:
    """The entry point ``sms`` of the group ``illumichat.plugins``."""

    name = "sms"

    def init_app(self, app: Flask, host: Host) -> None:
        """Add the SMS channel to ``app``; StartRefused says what is missing."""
        refuse_unfit_host(app, host)
        settings = Settings.from_config(app.config)
        runtime.install(app, runtime.Runtime.create(settings, host))
        self.add_webhooks(app, host)
        self.add_slots(host)
        self.add_pages(app)
        self.add_api(app)
        app.cli.add_command(sms_commands)

    def add_webhooks(self, app: Flask, host: Host) -> None:
        """The two addresses that Twilio calls, and signs for: no CSRF token there."""
        app.register_blueprint(twilio_webhooks.blueprint)
        for endpoint in ("sms_webhooks.inbound", "sms_webhooks.status"):
            host.pages.exempt_from_csrf(app.view_functions[endpoint])

    def add_slots(self, host: Host) -> None:
        """What the host shows of us on pages of its own."""
        host.pages.add_slot(SLOT_CHANNEL_CARD, slots.channel_card)
        host.pages.add_slot(SLOT_ANALYTICS_WIDGET, slots.analytics_widget)

    def add_pages(self, app: Flask) -> None:
        """What people see, below ``/sms/``."""
        app.register_blueprint(rendering.assets)
        app.register_blueprint(channel_page.blueprint)
        app.register_blueprint(settings_page.blueprint)
        app.register_blueprint(webhook_page.blueprint)
        app.register_blueprint(token_page.blueprint)
        app.register_blueprint(doctor_page.blueprint)
        app.register_blueprint(analytics_page.blueprint)
        app.register_blueprint(session_pages.blueprint)

    def add_api(self, app: Flask) -> None:
        """The same for programs, below ``/api/sms/``."""
        app.register_blueprint(api_config.blueprint)
        app.register_blueprint(api_setup.blueprint)
        app.register_blueprint(api_tokens.blueprint)
        app.register_blueprint(api_openapi.blueprint)
        app.register_blueprint(api_analytics.blueprint)
        app.register_blueprint(api_sessions.blueprint)
        app.register_blueprint(api_doctor.blueprint)
        app.register_blueprint(health.blueprint)


def refuse_unfit_host(app: Flask, host: object) -> None:
    """Stop the start with a sentence when the host lacks something."""
    if "sqlalchemy" not in app.extensions:
        raise StartRefused(
            f"The host has no Flask-SQLAlchemy: call db.init_app(app) before the plugin. See {CONTRACT}."
        )
    if missing := missing_from(host):
        raise StartRefused(f"The host lacks {', '.join(missing)}. See {CONTRACT}.")
