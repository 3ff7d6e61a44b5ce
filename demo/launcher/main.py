"""The demo from start to end; each step is a file beside this one."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import requests

from demo.launcher import channel, valkey
from demo.launcher.banner import banner
from demo.launcher.channel import CONNECTED
from demo.launcher.crew import Crew
from demo.launcher.data_folder import DataFolder
from demo.launcher.environment import (
    LOOPBACK,
    database_file,
    database_url,
    environment,
    host_url,
    redis_url_of,
    simulator_url,
    uses_simulator,
)
from demo.launcher.errors import CannotStart, ChildDied
from demo.launcher.options import Options, parse
from demo.launcher.schema_mark import schema_mark
from demo.launcher.stop_signals import Stopped, StopSignals

READY_WITHIN = 60.0
"""Seconds that a web server gets to answer; a slow machine needs some."""
PREPARED_WITHIN = 120.0
HISTORY_WITHIN = 900.0
PREPARED, HISTORY = "prepared", "history"
"""Notes in the data folder: for which state of the database it was done."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo until it is stopped; the exit code."""
    options = parse(argv)
    caller = {name: value for name, value in os.environ.items() if value}
    try:
        with StopSignals() as signals, DataFolder(options.data_dir, fresh=options.fresh) as folder:
            crew = Crew(folder, signals)
            try:
                run(options, folder, crew, caller)
            except Stopped:
                say("Stopping ...")
            finally:
                crew.stop()
    except (CannotStart, ChildDied) as problem:
        say(f"./run demo: {problem}")
        return 1
    say("Stopped. The data is kept; `./run demo` goes on with it.")
    return 0


def run(options: Options, folder: DataFolder, crew: Crew, caller: Mapping[str, str]) -> None:
    """Start everything in the order in which one needs the other, then watch."""
    own_twilio = uses_simulator(caller)
    require_free_ports([options.port, *([options.simulator_port] if own_twilio else [])])
    say("Starting ...")
    redis_url = start_redis(crew, folder, caller)
    env = environment(options, folder, caller, redis_url)
    line = channel.line_of(caller)

    if own_twilio:
        data = str(folder.path / "twilio.sqlite")
        arguments = ["--port", str(options.simulator_port), "--data", data, "--app-url", host_url(options)]
        simulator = crew.start("simulator", python("demo.twilio_simulator", *arguments), env)
    prepare(crew, folder, env)
    if own_twilio:
        crew.wait_for(lambda: answers(simulator_url(options)), simulator, seconds=READY_WITHIN)
    if line:
        channel.connect(crew, folder, line, env)
    if line and own_twilio:
        channel.point_number(line, env)
    if options.history and folder.once(HISTORY, env["DATABASE_URL"]):
        say("Filling in 90 days of traffic ...")
        crew.run("history", flask("demo", "history"), env, seconds=HISTORY_WITHIN)
        folder.done(HISTORY, env["DATABASE_URL"])

    web = crew.start("web", python("demo.host", "--port", str(options.port), "--host", LOOPBACK), env)
    crew.start("worker", flask("sms", "worker"), env)
    crew.wait_for(lambda: answers(host_url(options)), web, seconds=READY_WITHIN)
    crew.start("housekeeping", flask("sms", "housekeeping"), env)
    say(banner(options, folder, line, caller))
    crew.watch()


def prepare(crew: Crew, folder: DataFolder, env: Mapping[str, str]) -> None:
    """Bring the database up to date; one of our own that is so already needs no look from inside the app."""
    ours = env["DATABASE_URL"] == database_url(folder)
    mark = schema_mark(database_file(folder)) if ours else None
    if mark and not folder.once(PREPARED, mark):
        return
    notes = [str(folder.path / name) for name in (CONNECTED, HISTORY)]
    crew.run("prepare", python("demo.launcher.prepare", *notes), env, seconds=PREPARED_WITHIN)
    if ours:
        folder.done(PREPARED, schema_mark(database_file(folder)) or "")


def start_redis(crew: Crew, folder: DataFolder, caller: Mapping[str, str]) -> str:
    """The URL of the caller's Redis, or of a Valkey of our own that is ready."""
    given = redis_url_of(caller)
    if given:
        if not valkey.answers(given):
            where = urlsplit(given)
            raise CannotStart(
                f"Redis at {where.hostname}:{where.port or 6379} does not answer; see REDIS_URL."
            )
        return given
    server, url = valkey.start(crew, folder.path / "valkey", dict(caller))
    crew.wait_for(lambda: valkey.answers(url), server, seconds=valkey.READY_WITHIN)
    return url


def require_free_ports(ports: Sequence[int]) -> None:
    """Raise CannotStart naming the first port that another program has."""
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError as error:
                reason = f"Port {port} cannot be used ({error.strerror}); choose another with --port."
                raise CannotStart(reason) from error


def answers(url: str) -> bool:
    """Whether the web server at ``url`` answers anything but an error of its own."""
    try:
        return requests.get(url, timeout=5, allow_redirects=False).status_code < 500
    except requests.RequestException:
        return False


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of the checkout."""
    return [sys.executable, "-m", module, *arguments]


def flask(*arguments: str) -> list[str]:
    """The command that runs one of the host's Flask commands."""
    return python("flask", "--app", "demo.host", *arguments)


def say(text: str) -> None:
    """Tell the person at the terminal, who may have closed it."""
    with contextlib.suppress(OSError):
        print(text, flush=True)
