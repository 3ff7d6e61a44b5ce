"""Say why the samples of refused webhooks were refused, within the CPU that a round may take for it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import select

from illumichat_sms_plugin.models import SmsChannel
from illumichat_sms_plugin.models.channel import is_connected
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.runtime.rejection_buffer import Noted
from illumichat_sms_plugin.services.channel_secrets import SIGNING_COLUMNS, read_secret, signing_keys
from illumichat_sms_plugin.services.channels import TOKENS_LEFT, Channel
from illumichat_sms_plugin.services.inbound.rejection_diagnosis import (
    Diagnosis,
    ForeignKey,
    Reason,
    Refused,
    diagnose,
)

ROUND_BUDGET = 0.0025
"""Seconds of CPU for explaining in one round; the first sample is looked at in any case."""
MAX_SIBLINGS = 20
"""Other channels of the workspace whose keys are tried."""

Found = Counter[Diagnosis]
Sample = tuple[Channel, Refused]
"""What was refused, and the channel as it was then: loading it again would cost more than all else of a round."""


class Budget:
    """The CPU that explaining takes in one round, of the thread that runs it; writing it down is not counted."""

    def __init__(self) -> None:
        self._left = ROUND_BUDGET
        self._last = 0.0
        self._begun = False

    def allows_one_more(self) -> bool:
        """Always the first, then as long as another one like the last fits in."""
        return not self._begun or self._last < self._left

    @contextmanager
    def spent_on_one(self) -> Iterator[None]:
        """Explain one sample in it."""
        with self.spent():
            began = time.thread_time()
            yield
            self._last = time.thread_time() - began
            self._begun = True

    @contextmanager
    def spent(self) -> Iterator[None]:
        """Do in it what is needed once, however many samples follow."""
        began = time.thread_time()
        yield
        self._left -= time.thread_time() - began


def explain(runtime: Runtime, channel_id: int, noted: Noted[Sample], budget: Budget) -> Found:
    """The reasons of all that was noted for a channel; nothing when it was disconnected meanwhile."""
    found: Found = Counter()
    if not _is_connected(channel_id):
        return found
    foreign: Sequence[ForeignKey] | None = None
    for channel, refused in noted.samples:
        if not budget.allows_one_more():
            break
        if foreign is None:
            with budget.spent():
                foreign = _foreign_keys(runtime, channel)
        with budget.spent_on_one():
            found[diagnose(refused, channel, runtime.settings.public_url, foreign)] += 1
    if rest := noted.count - found.total():
        found[Diagnosis(Reason.NOT_EXAMINED)] += rest
    return found


def _is_connected(channel_id: int) -> bool:
    columns = (SmsChannel.account_sid, SmsChannel.auth_token, SmsChannel.phone_number)
    of_keys = (SmsChannel.api_key_sid, SmsChannel.api_key_secret, SmsChannel.signing_key)
    with transaction() as connection:
        row = connection.execute(select(*columns, *of_keys).where(SmsChannel.id == channel_id)).first()
    return row is not None and is_connected(row)


def _foreign_keys(runtime: Runtime, channel: Channel) -> list[ForeignKey]:
    """The keys of the workspace's other channels; another workspace's are nobody's business."""
    secrets = (getattr(SmsChannel, column) for column in SIGNING_COLUMNS)
    siblings = (
        select(SmsChannel.id, SmsChannel.assistant_id, *secrets, *TOKENS_LEFT)
        .where(SmsChannel.workspace_id == channel.workspace_id, SmsChannel.id != channel.id)
        .order_by(SmsChannel.id)
        .limit(MAX_SIBLINGS)
    )
    with transaction() as connection:
        rows = connection.execute(siblings).all()
    found = []
    for row in rows:
        read = {column: read_secret(runtime, row, column) for column in SIGNING_COLUMNS}
        keys, _ = signing_keys(row, read, runtime.settings.channel_cache_ttl * 1000)
        found += [ForeignKey(row.assistant_id, key) for key in keys]
    return found
