"""Our transactions with each driver that a host may have, and in a process whose threads are greenlets."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from illumichat_sms_plugin.models.database import patience, transaction
from tests.support.channels import outbound, run_jobs, sql
from tests.support.twilio_requests import text_in

DRIVERS = ["postgresql", "psycopg2"]
NAME = "greenlets"
IN_GREENLETS = """
from gevent import monkey
monkey.patch_all()
import gevent, sys, time
if "psycopg2" in sys.argv[1]:
    from psycogreen.gevent import patch_psycopg  # without it that driver waits in libpq, for every host
    patch_psycopg()
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text
from illumichat_sms_plugin.models.database import transaction

app = Flask("greenlets")
app.config["SQLALCHEMY_DATABASE_URI"] = sys.argv[1]
SQLAlchemy().init_app(app)
ticks = []

def tick():
    while True:
        ticks.append(time.monotonic())
        gevent.sleep(0.01)

def begin():
    with app.app_context(), transaction() as connection:
        return connection.scalar(text("SELECT 1"))

begin()
gevent.spawn(tick)
gevent.sleep(0.05)
print("ready", flush=True)
sys.stdin.readline()
gevent.sleep(0)
working = gevent.spawn(begin)
working.join(1.0)
print("ticks", len([t for t in ticks if t > time.monotonic() - 0.8]), working.ready(), flush=True)
working.join(20)
print("done", working.value, flush=True)
"""
"""``begin`` is called while the server's process for its connection stands still."""


@contextmanager
def silence(app: Flask) -> Iterator[None]:
    """The server's processes for the program's connections stand still meanwhile."""
    named = f"SELECT pid FROM pg_stat_activity WHERE application_name = '{NAME}'"
    pids = [row.pid for row in sql(app, named)]
    assert pids
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("database_url", DRIVERS, indirect=True)
def test_a_text_is_recorded_and_answered(texting: Flask) -> None:
    assert text_in(texting).status_code == 200
    run_jobs(texting)
    assert [message.body for message in outbound(texting)] == ["We are open from 9 to 17."]


@pytest.mark.parametrize("database_url", DRIVERS, indirect=True)
def test_a_wait_for_a_lock_is_bounded(connected: Flask) -> None:
    lock = text("LOCK TABLE sms_rollups")
    with connected.app_context(), transaction() as holder:
        holder.execute(lock)
        with pytest.raises(OperationalError), patience(0.2), transaction() as other:
            other.execute(lock)
    assert sql(connected, "SELECT count(*) FROM sms_rollups").scalar() == 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_greenlets_go_on_while_the_database_is_silent(connected: Flask, database_url: str) -> None:
    """Under gevent a call that waits in libpq would hold up every request of the process."""
    url = make_url(database_url).update_query_dict({"application_name": NAME})
    process = subprocess.Popen(
        [sys.executable, "-c", IN_GREENLETS, url.render_as_string(hide_password=False)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    deadline = threading.Timer(60, process.kill)
    deadline.start()
    try:
        assert process.stdout.readline() == "ready\n"
        with silence(connected):
            process.stdin.write("\n")
            process.stdin.flush()
            _, ticks, ready = process.stdout.readline().split()
        assert ready == "False", "the database was silent"
        assert int(ticks) > 20
        assert process.stdout.readline() == "done 1\n"
    finally:
        deadline.cancel()
        process.kill()
        process.wait(10)
