"""Remember that an erased texter had opted out, without remembering who it was.

We keep an HMAC of the number under a random key of the channel, the pepper, which is stored
encrypted like every secret. Nobody can try numbers against the digests without the configured encryption
keys. With them, one question can be asked: "is it this number?" We ask it when a number without a
session texts the channel.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from illumichat_sms_plugin.errors import SecretUnreadable
from illumichat_sms_plugin.models import SmsChannel, SmsSuppression
from illumichat_sms_plugin.models.database import insert_or_conflict
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.channel_secrets import PEPPER, secret_context

logger = logging.getLogger("illumichat_sms.suppressions")


def kept_opt_out() -> Any:
    """The opt-out of a number that was erased after one, for the INSERT of the session it opens.

    Parameters: ``kept_channel_id`` and ``digest``. It is part of that INSERT, so that a text needs no further
    statement.
    """
    kept = select(SmsSuppression.opted_out_at).where(
        SmsSuppression.channel_id == bindparam("kept_channel_id"),
        SmsSuppression.digest == bindparam("digest"),
    )
    return kept.scalar_subquery()


def digest_of(pepper: Secret, number: str) -> str:
    """The number as we keep it."""
    return hmac.new(pepper.reveal().encode(), number.encode(), "sha256").hexdigest()


def keep_opt_out(
    connection: Connection, runtime: Runtime, channel_id: int, number: str, opted_out_at: datetime | None
) -> None:
    """Keep the opt-out of a session that is about to be erased. None forgets an earlier one."""
    pepper = _pepper(connection, runtime, channel_id, create=opted_out_at is not None)
    if pepper is None:
        return
    digest = digest_of(pepper, number)
    if opted_out_at is None:
        connection.execute(
            delete(SmsSuppression).where(
                SmsSuppression.channel_id == channel_id, SmsSuppression.digest == digest
            )
        )
        return
    connection.execute(
        insert_or_conflict(connection, SmsSuppression)
        .values(channel_id=channel_id, digest=digest, opted_out_at=opted_out_at)
        .on_conflict_do_nothing(index_elements=[SmsSuppression.channel_id, SmsSuppression.digest])
    )


def ensure_pepper(connection: Connection, runtime: Runtime, channel_id: int) -> None:
    """Make the channel's pepper before the first texter is erased, so that every process knows it by then."""
    _pepper(connection, runtime, channel_id, create=True)


def _pepper(connection: Connection, runtime: Runtime, channel_id: int, *, create: bool) -> Secret | None:
    """The channel's pepper. With ``create``, make one if there is none that can be read."""
    row = connection.execute(
        select(SmsChannel.assistant_id, SmsChannel.opt_out_pepper)
        .where(SmsChannel.id == channel_id)
        .with_for_update(
            key_share=True
        )  # a stronger lock would hold up every text of the channel at its foreign key
    ).one()
    context = secret_context(row.assistant_id, PEPPER)
    if row.opt_out_pepper:
        try:
            return runtime.secrets.decrypt(row.opt_out_pepper, context=context)
        except SecretUnreadable:
            logger.error("channel %s: the opt-outs of erased texters cannot be read any more", channel_id)
    if not create:
        return None
    pepper = Secret(secrets.token_hex(32))
    connection.execute(
        update(SmsChannel)
        .where(SmsChannel.id == channel_id)
        .values(
            opt_out_pepper=runtime.secrets.encrypt(pepper, context=context), updated_at=SmsChannel.updated_at
        )
    )
    return pepper
