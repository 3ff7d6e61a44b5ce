"""The five promises, checked from outside: in PostgreSQL, at Twilio, in the logs and in /proc.

Everything here reads tables and records; of the plugin nothing is called but the comparison of its figures with
a recount, which is what an operator has too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from demo.twilio_simulator import seed
from demo.twilio_simulator.records import Message, Webhook
from illumichat_sms_plugin.message_status import FINAL
from illumichat_sms_plugin.models.message import PENDING, UNFILED, UNFINISHED
from illumichat_sms_plugin.models.person_text import WAITING
from tests.faults import promises_to_people
from tests.faults.stack import CONCURRENCY, GUNICORN_WORKERS, Stack
from tests.faults.stores import PostgreSQL
from tests.faults.traffic import PHONES

GRACE = 0.5
"""Seconds after a fault's end in which an answer that was begun during it may still be a 5xx."""
CONNECTIONS = {"web": 3 * 4, "worker-1": 4, "worker-2": 4, "housekeeping": 4}
"""What the pools of the processes keep open at most."""
FILES = {"web": 4 * 24, "worker-1": 56, "worker-2": 56, "housekeeping": 32}
"""Open files of the processes at most: pools, a few connections per thread, libraries. A leak soon has more."""
VALKEY_CONNECTIONS = 2 * CONCURRENCY * 3 + GUNICORN_WORKERS + 2
"""Two for each thread of the workers, which waits for a job and beats meanwhile, and one more while it enqueues, all of
which the pools keep; one for each web process, housekeeping and the suite itself."""


@dataclass
class Findings:
    """What one run found. ``broken`` are sentences, one for each broken promise."""

    texts: int = 0
    lost: int = 0
    doubled: int = 0
    left_over: int = 0
    for_a_person: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def expect(self, kept: object, sentence: str) -> None:
        if not kept:
            self.broken.append(sentence)


def left_over(stack: Stack) -> dict[str, int]:
    """What is not final yet, by kind; empty when all is done."""
    final = ", ".join(f"'{status}'" for status in FINAL)
    [row] = stack.database.rows(
        f"SELECT count(*) FILTER (WHERE {PENDING}), count(*) FILTER (WHERE {UNFINISHED}), "
        f"count(*) FILTER (WHERE {UNFILED}), count(*) FILTER (WHERE send_state = 'accepted' AND "
        f"(status IS NULL OR status NOT IN ({final}))) FROM sms_messages WHERE id > %s",
        stack.last_row,
    )
    [(leases,)] = stack.database.rows(
        "SELECT count(*) FROM sms_sessions WHERE lease_expires_at > clock_timestamp()"
    )
    [(of_people,)] = stack.database.rows(f"SELECT count(*) FROM sms_person_texts WHERE {WAITING}")
    sids = stack.database.rows("SELECT message_sid FROM sms_messages WHERE id > %s", stack.last_row)
    known = {sid for (sid,) in sids}
    missing = [m for m in stack.twilio.messages(created_by="phone") if m.sid not in known]
    with stack.valkey.client() as client:
        jobs = int(client.llen("rq:queue:sms"))  # type: ignore[arg-type]
    names = ("unanswered", "unfinished", "not in the chat", "without a final status")
    found = dict(zip(names, row, strict=True)) | {"leases": leases, "unrecorded": len(missing), "jobs": jobs}
    found["unsent texts of people"] = of_people
    return {name: count for name, count in found.items() if count}


def check(stack: Stack, windows: list[tuple[float, float]], allowed: dict[str, set[str]]) -> Findings:
    """All promises after a run. ``allowed`` maps a reason for no answer to the phones that may have it."""
    found = Findings()
    rows = _messages(stack.database, stack.last_row)
    inbound = [row for row in rows if row["direction"] == "inbound"]
    outbound = [row for row in rows if row["direction"] == "outbound"]
    texts = stack.twilio.messages(created_by="phone")
    created = stack.twilio.messages(created_by="api")
    found.texts = len(texts)
    _recorded_once(found, stack, texts, inbound)
    _created_once(found, created, outbound)
    _answered(found, texts=texts, inbound=inbound, outbound=outbound, created=created, allowed=allowed)
    _in_order(found, inbound, outbound, created)
    _kept_to_people(found, stack, created)
    _all_final(found, stack, outbound)
    others = sum(row["direction"] == "other" for row in rows)
    found.expect(not others, f"4: {others} texts of ours were taken for another system's")
    _agree(found, created, outbound)
    _add_up(found, stack)
    _errors_only_meanwhile(found, stack, windows)
    _no_secrets(found, stack)
    _nothing_leaks(found, stack)
    found.lost = min(found.lost, found.texts)
    return found


def _messages(database: PostgreSQL, after: int) -> list[dict[str, Any]]:
    names = (
        "id, session_id, direction, message_sid, from_number, to_number, body, answer_id, no_reply_reason, "
        "kind, send_state, status, resends"
    )
    rows = database.rows(f"SELECT {names} FROM sms_messages WHERE id > %s ORDER BY id", after)
    return [dict(zip(names.split(", "), row, strict=True)) for row in rows]


def _recorded_once(
    found: Findings, stack: Stack, texts: list[Message], inbound: list[dict[str, Any]]
) -> None:
    """1. What was answered 2xx is recorded once, and in the end everything Twilio has is."""
    times = Counter(row["message_sid"] for row in inbound)
    promised = {hook.message_sid for hook in stack.twilio.webhooks(kind="inbound") if hook.ok}
    broken = sorted(sid for sid in promised if times[sid] != 1)
    found.expect(
        not broken,
        f"1: {len(broken)} texts were answered 2xx and are recorded {[times[s] for s in broken][:5]} times",
    )
    unrecorded = [text for text in texts if times[text.sid] == 0]
    found.lost += len(unrecorded)
    found.expect(not unrecorded, f"1: {len(unrecorded)} texts that Twilio has were never fetched")
    strangers = set(times) - {text.sid for text in texts}
    found.expect(not strangers, f"1: {len(strangers)} recorded texts never existed")


def _created_once(found: Findings, created: list[Message], outbound: list[dict[str, Any]]) -> None:
    """2. At most one message for a row; nobody has pressed Resend here."""
    times = Counter(message.status_callback.rpartition("?m=")[2] for message in created)
    doubled = {row: count for row, count in times.items() if count > 1}
    found.doubled += sum(count - 1 for count in doubled.values())
    found.expect(not doubled, f"2: rows with more than one message at Twilio: {doubled}")
    unknown = set(times) - {str(row["id"]) for row in outbound}
    found.expect(not unknown, f"2: messages of rows that are not there: {unknown}")


def _kept_to_people(found: Findings, stack: Stack, created: list[Message]) -> None:
    """2. A person's text goes out once, and while a person answers the assistant does not."""
    found.broken += promises_to_people.broken(stack.database, stack.last_row, created, stack.people.deeds)
    found.doubled += promises_to_people.doubled(created)


def _answered(
    found: Findings,
    *,
    texts: list[Message],
    inbound: list[dict[str, Any]],
    outbound: list[dict[str, Any]],
    created: list[Message],
    allowed: dict[str, set[str]],
) -> None:
    """2. Each text is named in exactly one answer, or has a reason that this fault explains."""
    answers: dict[tuple[str, str], int] = defaultdict(int)
    for message in created:
        for word in message.body.split():
            if word.startswith("t#"):
                answers[message.to, word] += 1
    by_sid = {row["message_sid"]: row for row in inbound}
    undecided = {row["id"] for row in outbound if row["send_state"] == "unsettled"}
    by_people = {row["id"] for row in outbound if row["kind"] == "person"}
    for text in texts:
        row = by_sid.get(text.sid)
        code = next((word for word in text.body.split() if word.startswith("t#")), "")
        count = answers[text.from_ or "", code]
        reason = row["no_reply_reason"] if row else None
        if count > 1:
            found.doubled += 1
            found.broken.append(f"2: {code} was answered {count} times")
        if reason:
            found.reasons[reason] += 1
            if text.from_ not in allowed.get(reason, set()):
                found.lost += 1
                found.broken.append(f"2: {code} was not answered: {reason}")
        elif row and row["answer_id"] is None:
            found.lost += 1
            found.broken.append(f"2: {code} has neither answer nor reason")
        elif row and count == 0 and row["answer_id"] not in undecided | by_people:
            found.lost += 1
            found.broken.append(f"2: {code} counts as answered and no answer speaks of it")


def _in_order(
    found: Findings,
    inbound: list[dict[str, Any]],
    outbound: list[dict[str, Any]],
    created: list[Message],
) -> None:
    """2. Within a session no answer overtakes another, in our rows nor at Twilio."""
    last: dict[int, int] = {}
    for row in inbound:
        answer = row["answer_id"]
        if answer is not None:
            if answer < last.get(row["session_id"], 0):
                found.broken.append(f"2: the answer to message {row['id']} overtook another")
            last[row["session_id"]] = answer
    session_of = {
        row["message_sid"]: (row["session_id"], row["id"]) for row in outbound if row["message_sid"]
    }
    sent: dict[int, int] = {}
    for message in created:
        session, number = session_of.get(message.sid, (0, 0))
        if number and number < sent.get(session, 0):
            found.broken.append(f"2: Twilio got message {number} after a later one")
        sent[session] = max(number, sent.get(session, 0))


def _all_final(found: Findings, stack: Stack, outbound: list[dict[str, Any]]) -> None:
    """3. Nothing is under way."""
    rest = left_over(stack)
    found.left_over = sum(rest.values())
    found.expect(not rest, f"3: left over: {rest}")
    found.for_a_person = sum(row["send_state"] == "unsettled" for row in outbound)


def _agree(found: Findings, created: list[Message], outbound: list[dict[str, Any]]) -> None:
    """4. What Twilio has and what we have is the same, in both directions and one by one."""
    ours = {row["message_sid"]: row for row in outbound if row["send_state"] == "accepted"}
    theirs = {message.sid: message for message in created}
    undecided = {str(row["id"]) for row in outbound if row["send_state"] == "unsettled"}
    orphans = [
        sid
        for sid in set(theirs) - set(ours)
        if theirs[sid].status_callback.rpartition("?m=")[2] not in undecided
    ]
    found.expect(not orphans, f"4: {len(orphans)} messages at Twilio have no row")
    inventions = set(ours) - set(theirs)
    found.expect(not inventions, f"4: {len(inventions)} rows have a SID that Twilio does not know")
    wrong = {
        f"{row['status']} for {theirs[sid].status}"
        for sid, row in ours.items()
        if sid in theirs and row["status"] != theirs[sid].status
    }
    found.expect(not wrong, f"4: wrong status: {wrong}")
    bodies = [sid for sid, row in ours.items() if sid in theirs and row["body"] != theirs[sid].body]
    found.expect(not bodies, f"4: {len(bodies)} rows hold another text than Twilio")


def _add_up(found: Findings, stack: Stack) -> None:
    """4. The figures, rolled up while things broke, are those of the messages."""
    differing = stack.counters.differing()
    found.expect(not differing, f"4: figures that differ from a recount: {differing}")


def _errors_only_meanwhile(found: Findings, stack: Stack, windows: list[tuple[float, float]]) -> None:
    """5. A webhook fails only while the fault lasts."""
    late: Counter[str] = Counter()
    for hook in stack.twilio.webhooks():
        for start, end, outcome in _attempts(hook):
            failed = outcome in ("ct", "rt", "protocol") or outcome.startswith(("4", "5"))
            if failed and not any(start <= until + GRACE and end >= since for since, until in windows):
                late[f"{hook.kind} {outcome}"] += 1
    found.expect(
        not late, f"5: webhooks that failed while nothing was broken: {dict(late)}; {_said_why(stack)}"
    )


def _said_why(stack: Stack) -> list[str]:
    """What the web processes wrote about the webhooks that they refused."""
    lines = stack.logs().get("web.log", "").splitlines()
    return [line for line in lines if "webhook refused" in line][-5:]


def _attempts(hook: Webhook) -> list[tuple[float, float, str]]:
    """(start, end, outcome) of the requests of one webhook."""
    spans = []
    end = hook.finished_at or hook.started_at
    for attempt in reversed(hook.attempts):
        spans.append((end - attempt.seconds, end, attempt.problem or str(attempt.status)))
        end -= attempt.seconds
    return spans


def slowest_webhook(stack: Stack, windows: list[tuple[float, float]]) -> float:
    """Seconds of the slowest inbound webhook that was answered while a fault lasted."""
    return max(
        (
            end - start
            for hook in stack.twilio.webhooks(kind="inbound")
            for start, end, _ in _attempts(hook)
            if any(start <= until and end >= since for since, until in windows)
        ),
        default=0.0,
    )


def _no_secrets(found: Findings, stack: Stack) -> None:
    """5. No log of any process holds a secret, a number or what somebody wrote."""
    words = {
        "the auth token": seed.AUTH_TOKEN,
        "the encryption key": stack.key,
        "the database's password": stack.database.PASSWORD,
        "a phone number": PHONES[0][:-2],
        "a text": "Question t#",
        "an answer": "Answer to t#",
        "what a person wrote": "A person says p#",
    }
    for name, log in stack.new_log_lines().items():
        for what, word in words.items():
            found.expect(word not in log, f"5: {what} is in {name}")
        found.expect("WORKER TIMEOUT" not in log, f"5: gunicorn had to kill a hanging process: {name}")


def _nothing_leaks(found: Findings, stack: Stack) -> None:
    """5. Connections and open files are back where they were."""
    count, in_transaction = stack.database.connections()
    most = sum(CONNECTIONS.values())
    found.expect(count <= most, f"5: {count} connections to PostgreSQL, the pools keep {most}")
    found.expect(not in_transaction, f"5: {in_transaction} transactions were left open")
    for part in stack.parts:
        files = part.descriptors()
        found.expect(files <= FILES[part.name], f"5: {part.name} has {files} open files")
    connections = stack.valkey.connections()
    found.expect(connections <= VALKEY_CONNECTIONS, f"5: {connections} connections to Valkey")
