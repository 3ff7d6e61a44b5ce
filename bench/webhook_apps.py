"""The plugin in the smallest host, on the database and queue that the environment names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import create_engine

from bench.servers import postgresql, sqlite, valkey
from bench.signed import PUBLIC_URL
from demo.twilio_simulator import seed
from illumichat_sms_plugin import migrating
from illumichat_sms_plugin.encryption import generate_key
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.setup.channel_changes import ChannelChanges
from illumichat_sms_plugin.services.setup.ownership import Asked, Verdict
from illumichat_sms_plugin.services.setup.save_channel import save_channel
from tests.support.apps import make_app
from tests.support.memory_host import MemoryHost
from tests.support.no_limits import NO_LIMITS, WIDE

ENGINE_OPTIONS = {"pool_size": 1, "max_overflow": 1}


def plugin(host: MemoryHost | None = None, **config: Any) -> Flask:
    """The plugin in the smallest host."""
    return make_app(
        os.environ["BENCH_DATABASE_URL"],
        host or MemoryHost(),
        SMS_REDIS_URL=os.environ["BENCH_REDIS_URL"],
        SMS_ENCRYPTION_KEYS=os.environ["BENCH_KEY"],
        SMS_PUBLIC_URL=PUBLIC_URL,
        SQLALCHEMY_ENGINE_OPTIONS=ENGINE_OPTIONS,
        **(NO_LIMITS | config),
    )


@contextmanager
def connected(database: str = "postgresql") -> Iterator[str]:
    """URL of a new database with a connected assistant; the environment then names it and a new queue."""
    with sqlite() if database == "sqlite" else postgresql() as database_url, valkey() as redis_url:
        os.environ.update(
            BENCH_DATABASE_URL=database_url, BENCH_REDIS_URL=redis_url, BENCH_KEY=generate_key()
        )
        migrating.upgrade(create_engine(database_url))
        with plugin().app_context():
            changes = ChannelChanges(
                account_sid=seed.ACCOUNT_SID,
                auth_token=Secret(seed.AUTH_TOKEN),
                phone_number=seed.SUPPORT_NUMBER,
                options=WIDE,
            )
            save_channel(
                current_runtime(),
                "ast_support",
                changes,
                by=Person("bench", "bench"),
                verdict=Verdict(Asked.OWNED),
            )
        yield database_url
