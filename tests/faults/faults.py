"""Everything that is broken, one line each."""

from __future__ import annotations

from tests.faults import assistant as ask
from tests.faults import faults_of_everything as everything
from tests.faults import faults_of_others as others
from tests.faults import faults_of_people as people
from tests.faults import faults_of_processes as processes
from tests.faults import faults_of_stores as stores
from tests.faults.run import Fault

FEWER = {"parent_killed": 40}
"""A plain RQ worker makes the app anew for each job, which takes a second."""

FAULTS = tuple(
    Fault(name, title, strike, FEWER.get(name))
    for name, title, strike in (
        ("nothing", "no fault, for comparison", everything.nothing),
        (
            "killed_after_201",
            "worker killed after Twilio's 201, before our commit",
            processes.killed_after_201,
        ),
        (
            "killed_before_request",
            "both workers killed before the request reached Twilio",
            processes.killed_before_request,
        ),
        ("killed_while_asking", "worker killed while the assistant thinks", processes.killed_while_asking),
        ("parent_killed", "plain RQ worker killed, its job goes on as an orphan", processes.parent_killed),
        ("all_workers_dead", "all workers dead for 5 s", processes.all_workers_dead),
        (
            "workers_terminated",
            "workers stopped by SIGTERM one after the other",
            processes.workers_terminated,
        ),
        ("housekeeping_dead", "housekeeping dead for 5 s, the rest alive", processes.housekeeping_dead),
        ("out_of_memory", "worker without memory, then killed", processes.out_of_memory),
        ("poison", "a text that kills its worker each time", processes.poison),
        ("web_killed", "web processes killed in the middle of requests", processes.web_killed),
        ("web_down", "web down for 3 s, workers and housekeeping alive", processes.web_down),
        ("redis_lost", "Redis killed, back empty after 2 s", stores.redis_lost),
        ("redis_flushed", "Redis flushed three times", stores.redis_flushed),
        ("redis_paused", "Redis accepts and answers nothing for 4 s", stores.redis_paused),
        ("redis_full", "Redis out of memory for 3 s", stores.redis_full),
        ("redis_failover", "Redis behind a Sentinel, the master killed for good", stores.redis_failover),
        ("database_stopped", "PostgreSQL stopped hard, back after 2 s", stores.database_stopped),
        (
            "connections_terminated",
            "PostgreSQL ends all connections, three times",
            stores.connections_terminated,
        ),
        ("tables_locked", "tables locked for 3 s", stores.tables_locked),
        ("pooler_killed", "PgBouncer in between, killed, back after 2 s", stores.pooler_killed),
        (
            "twilio_times_out",
            "Twilio accepts and does not answer, 10 times",
            others.after_accepting("hang_after_accepting", seconds=4),
        ),
        (
            "twilio_resets",
            "Twilio accepts and resets the connection, 10 times",
            others.after_accepting("reset_after_accepting"),
        ),
        (
            "twilio_500",
            "Twilio accepts and answers 500, 10 times",
            others.after_accepting("error_after_accepting"),
        ),
        (
            "twilio_no_sid",
            "Twilio accepts and answers 200 without a SID, 10 times",
            others.after_accepting("no_sid"),
        ),
        (
            "twilio_500_unsent",
            "Twilio answers 500 and has nothing, 10 times",
            others.after_accepting("error_before_accepting"),
        ),
        ("twilio_outage", "Twilio answers 503 to everything for 3 s", others.outage),
        ("twilio_unreachable", "Twilio takes no connection for 3 s", others.unreachable),
        ("twilio_429", "429 three times for four phones", others.throttled),
        (
            "callbacks_early",
            "callbacks before the answer to the request",
            others.with_callbacks("early_callback"),
        ),
        ("callbacks_reversed", "callbacks last one first", others.with_callbacks("reversed_callbacks")),
        (
            "callbacks_repeated",
            "each callback five times",
            others.with_callbacks("duplicate_callbacks", times=5),
        ),
        (
            "callbacks_late",
            "callbacks 5 s late, after the status was fetched",
            others.with_callbacks("late_callbacks", seconds=5),
        ),
        ("callbacks_held", "all callbacks at the end, reversed, five times", others.callbacks_held),
        ("callbacks_dropped", "no callback at all", others.callbacks_dropped),
        ("same_sid", "the same MessageSid from 20 clients at once, 10 texts", others.same_sid),
        (
            "media_hang",
            "each text has a picture that hangs at Twilio's CDN",
            others.with_files("image/png", fault="media_hangs", seconds=20),
        ),
        (
            "append_raises",
            "each text has a file, and the host's append raises with it",
            others.with_files(others.CARD),
        ),
        ("assistant_hangs", "assistant hangs, 12 times", others.with_assistant(ask.hang(8), 12)),
        ("assistant_raises", "assistant answers 500, 20 times", others.with_assistant(lambda call: 500, 20)),
        (
            "assistant_silent",
            "assistant answers nothing, 20 times",
            others.with_assistant(lambda call: "", 20),
        ),
        ("assistant_megabyte", "assistant answers a megabyte, 20 times", others.assistant_megabyte),
        (
            "person_text_killed",
            "worker killed while a person's text is sent",
            people.killed_while_a_person_sends,
        ),
        ("takeover_races", "takeover and answer racing, 48 times", people.takeover_races),
        (
            "quarter_fails",
            "a quarter of all calls to Twilio fails, everything killed twice",
            everything.quarter_fails,
        ),
        ("clock_jumps", "clocks of processes an hour ahead and behind", everything.clock_jumps),
        ("key_swapped", "encryption key swapped, then put back", everything.key_swapped),
        ("app_down", "everything but the stores down for 5 s", everything.app_down),
    )
)
