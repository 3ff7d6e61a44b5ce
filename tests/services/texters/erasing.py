"""Erasing a texter, and what is left after."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.texters import erase_texter as service
from illumichat_sms_plugin.services.texters.erase_at_host import erase_at_host
from tests.support.channels import sessions


def erase(app: Flask) -> int:
    with app.app_context():
        session = sessions(app)[0]
        texts = service.erase_texter(current_runtime(), session.channel_id, session.id)
        erase_at_host(current_runtime(), session.id)
        return texts


def everything(app: Flask) -> str:
    """All that the database holds, as text."""
    from illumichat_sms_plugin.models import Base

    with app.app_context(), transaction() as connection:
        return "\n".join(
            str(tuple(row))
            for table in Base.metadata.sorted_tables
            for row in connection.execute(select(table))
        )
