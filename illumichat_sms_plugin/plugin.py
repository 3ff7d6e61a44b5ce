"""What the plugin adds to a host, in order. This file lists; the work is done elsewhere."""

from __future__ import annotations

import logging
from typing import cast

from flask import Flask

from illumichat_sms_plugin import runtime, slots
from illumichat_sms_plugin.blueprints import twilio_webhooks
from illumichat_sms_plugin.blueprints.api import analytics as api_analytics
from illumichat_sms_plugin.blueprints.api import audit as api_audit
from illumichat_sms_plugin.blueprints.api import config as api_config
from illumichat_sms_plugin.blueprints.api import consent as api_consent
from illumichat_sms_plugin.blueprints.api import doctor as api_doctor
from illumichat_sms_plugin.blueprints.api import export as api_export
from illumichat_sms_plugin.blueprints.api import health
from illumichat_sms_plugin.blueprints.api import limits as api_limits
from illumichat_sms_plugin.blueprints.api import numbers as api_numbers
from illumichat_sms_plugin.blueprints.api import openapi as api_openapi
from illumichat_sms_plugin.blueprints.api import people as api_people
from illumichat_sms_plugin.blueprints.api import rehearsal as api_rehearsal
from illumichat_sms_plugin.blueprints.api import session_actions as api_session_actions
from illumichat_sms_plugin.blueprints.api import sessions as api_sessions
from illumichat_sms_plugin.blueprints.api import setup as api_setup
from illumichat_sms_plugin.blueprints.api import state as api_state
from illumichat_sms_plugin.blueprints.api import suggestions as api_suggestions
from illumichat_sms_plugin.blueprints.api import tokens as api_tokens
from illumichat_sms_plugin.blueprints.pages import about as about_page
from illumichat_sms_plugin.blueprints.pages import analytics as analytics_page
from illumichat_sms_plugin.blueprints.pages import channel as channel_page
from illumichat_sms_plugin.blueprints.pages import doctor as doctor_page
from illumichat_sms_plugin.blueprints.pages import export as export_page
from illumichat_sms_plugin.blueprints.pages import first_text as first_text_page
from illumichat_sms_plugin.blueprints.pages import numbers as numbers_page
from illumichat_sms_plugin.blueprints.pages import pauses as pauses_page
from illumichat_sms_plugin.blueprints.pages import people as people_pages
from illumichat_sms_plugin.blueprints.pages import rehearsal as rehearsal_page
from illumichat_sms_plugin.blueprints.pages import rendering
from illumichat_sms_plugin.blueprints.pages import sessions as session_pages
from illumichat_sms_plugin.blueprints.pages import settings as settings_page
from illumichat_sms_plugin.blueprints.pages import suggestions as suggestions_pages
from illumichat_sms_plugin.blueprints.pages import token as token_page
from illumichat_sms_plugin.blueprints.pages import webhook as webhook_page
from illumichat_sms_plugin.cli.commands import sms_commands
from illumichat_sms_plugin.config import Settings
from illumichat_sms_plugin.contract import has_pages, missing_from
from illumichat_sms_plugin.errors import StartRefused
from illumichat_sms_plugin.host import (
    CONTRACT_VERSION,
    SLOT_ANALYTICS_WIDGET,
    SLOT_CHANNEL_CARD,
    Host,
    HostWithoutPages,
    offered,
    version_of,
)
from illumichat_sms_plugin.host_migrations import warn_of_migrations
from illumichat_sms_plugin.models.which_database import WhichDatabase, use_database
from illumichat_sms_plugin.sms_channel import SmsChannel

CONTRACT = "docs/host-contract.md"
SIGNED = ("sms_webhooks.inbound", "sms_webhooks.status")
"""The views that Twilio calls; its signature opens them."""

logger = logging.getLogger("illumichat_sms")


class SmsPlugin:
    """The entry point ``sms`` of the group ``illumichat.plugins``."""

    name = "sms"

    def init_app(self, app: Flask, host: HostWithoutPages) -> None:
        """Add the SMS channel to ``app``; StartRefused says what is missing.

        A host without ``pages`` gets webhooks, jobs, commands and the JSON API.
        """
        refuse_unfit_host(app, host)
        settings = Settings.from_config(app.config)
        full_host = cast(Host, host)  # what it lacks of one is asked by our pages alone
        use_database(app, WhichDatabase(settings.database_bind, settings.database_schema))
        runtime.install(app, runtime.Runtime.create(settings, full_host, SmsChannel()))
        self.add_webhooks(app)
        if has_pages(host):
            self.exempt_webhooks(app, full_host)
            self.open_doors(app, full_host)
        if has_pages(host) and settings.pages:
            self.add_slots(full_host)
            self.add_pages(app)
        if settings.api:
            self.add_api(app)
        app.cli.add_command(sms_commands)
        warn_of_migrations(app)

    def add_webhooks(self, app: Flask) -> None:
        """The two addresses that Twilio calls, and what operators ask."""
        app.register_blueprint(twilio_webhooks.blueprint)
        app.register_blueprint(health.blueprint)

    def exempt_webhooks(self, app: Flask, host: Host) -> None:
        """Twilio signs for the two addresses: no CSRF token there."""
        for endpoint in SIGNED:
            host.pages.exempt_from_csrf(app.view_functions[endpoint])

    def open_doors(self, app: Flask, host: Host) -> None:
        """Say which views need no sign-in, to a host that guards every route."""
        exempt = offered(host.pages, "exempt")
        if callable(exempt):
            for endpoint in (*SIGNED, "sms_health.health", "sms_health.metrics"):
                exempt(app.view_functions[endpoint])

    def add_slots(self, host: Host) -> None:
        """What the host shows of us on pages of its own, where it leaves room."""
        add_slot = offered(host.pages, "add_slot")
        if add_slot is not None:
            add_slot(SLOT_CHANNEL_CARD, slots.channel_card)
            add_slot(SLOT_ANALYTICS_WIDGET, slots.analytics_widget)

    def add_pages(self, app: Flask) -> None:
        """What people see, below ``/sms/``."""
        app.register_blueprint(rendering.assets)
        app.register_blueprint(channel_page.blueprint)
        app.register_blueprint(settings_page.blueprint)
        app.register_blueprint(webhook_page.blueprint)
        app.register_blueprint(first_text_page.blueprint)
        app.register_blueprint(token_page.blueprint)
        app.register_blueprint(numbers_page.blueprint)
        app.register_blueprint(pauses_page.blueprint)
        app.register_blueprint(doctor_page.blueprint)
        app.register_blueprint(analytics_page.blueprint)
        app.register_blueprint(session_pages.blueprint)
        app.register_blueprint(about_page.blueprint)
        app.register_blueprint(people_pages.blueprint)
        app.register_blueprint(suggestions_pages.blueprint)
        app.register_blueprint(export_page.blueprint)
        app.register_blueprint(rehearsal_page.blueprint)

    def add_api(self, app: Flask) -> None:
        """The same for programs, below ``/api/sms/``."""
        app.register_blueprint(api_state.blueprint)
        app.register_blueprint(api_config.blueprint)
        app.register_blueprint(api_audit.blueprint)
        app.register_blueprint(api_consent.blueprint)
        app.register_blueprint(api_setup.blueprint)
        app.register_blueprint(api_tokens.blueprint)
        app.register_blueprint(api_numbers.blueprint)
        app.register_blueprint(api_limits.blueprint)
        app.register_blueprint(api_openapi.blueprint)
        app.register_blueprint(api_analytics.blueprint)
        app.register_blueprint(api_sessions.blueprint)
        app.register_blueprint(api_session_actions.blueprint)
        app.register_blueprint(api_people.blueprint)
        app.register_blueprint(api_suggestions.blueprint)
        app.register_blueprint(api_export.blueprint)
        app.register_blueprint(api_doctor.blueprint)
        app.register_blueprint(api_rehearsal.blueprint)


def refuse_unfit_host(app: Flask, host: object) -> None:
    """Stop the start with a sentence when the host lacks something."""
    if not isinstance(app, Flask):
        raise StartRefused(
            f"{type(app).__name__} is no Flask app: Quart and other ASGI frameworks are out of scope. See {CONTRACT}."
        )
    if "sqlalchemy" not in app.extensions:
        raise StartRefused(
            f"The host has no Flask-SQLAlchemy: call db.init_app(app) before the plugin. See {CONTRACT}."
        )
    if missing := missing_from(host):
        raise StartRefused(f"The host lacks {', '.join(missing)}. See {CONTRACT}.")
    if version_of(host) > CONTRACT_VERSION:
        logger.warning(
            "the host was written for version %s of the host contract, this plugin knows %s: update the plugin",
            version_of(host),
            CONTRACT_VERSION,
        )
