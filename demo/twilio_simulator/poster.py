"""Calls webhooks: signs, keeps to the URL's retry rules and records every attempt."""

from __future__ import annotations

import time
from dataclasses import dataclass

from demo.twilio_simulator import seed
from demo.twilio_simulator.faults import Faults
from demo.twilio_simulator.records import Account, Attempt, DebuggerEntry, Webhook
from demo.twilio_simulator.retry_rules import RetryRules, parse_rules
from demo.twilio_simulator.settings import Timings
from demo.twilio_simulator.signatures import SETTINGS_HEADER, SIGNATURE_HEADER, sign
from demo.twilio_simulator.store import Store
from demo.twilio_simulator.webhook_client import Headers, Params, WebhookAnswer, WebhookProblem, request

_WELCOME = b"""<?xml version="1.0" encoding="UTF-8"?><Response><Message>Thanks for the message. Set the SMS URL of this \
number to change this answer.</Message></Response>"""


@dataclass(frozen=True)
class _Call:
    """What all attempts of one webhook share."""

    hook: Webhook
    account: Account
    rules: RetryRules
    deadline: float
    wrong_key: str | None
    slowly: float


class Poster:
    """Makes the requests of one simulator."""

    def __init__(self, store: Store, faults: Faults, timings: Timings) -> None:
        self._store = store
        self._faults = faults
        self._timings = timings

    def post(self, hook: Webhook, account: Account, *, slowly: float = 0.0) -> WebhookAnswer | None:
        """Call ``hook.url`` until a 2xx comes or the rules say stop; None when no 2xx came."""
        rules = parse_rules(hook.url, total=self._timings.webhook_timeout)
        if rules.invalid:
            self.debug(11243, "warning", f"not understood in the URL: {', '.join(rules.invalid)}", hook)
        deadline = time.monotonic() + rules.total_timeout
        call = _Call(hook, account, rules, deadline, self._wrong_key(hook), slowly)
        answer: WebhookAnswer | None = None
        for _ in range(1 + rules.retries):
            outcome, answer = self._attempt(call)
            if not rules.allow_retry(outcome) or time.monotonic() >= deadline:
                break
        ok = answer is not None and 200 <= answer.status < 300
        with self._store.change():
            hook.outcome = "ok" if ok else "failed"
            hook.finished_at = time.time()
        return answer if ok else None

    def debug(self, code: int, level: str, sentence: str, hook: Webhook) -> None:
        """Write a line into the debugger."""
        with self._store.change():
            self._store.debugger.append(DebuggerEntry(code, level, sentence, hook.message_sid, hook.url))

    def _attempt(self, call: _Call) -> tuple[str, WebhookAnswer | None]:
        """One try; the first value is "" for a 2xx, else ct, rt, 4xx, 5xx or another status class."""
        hook, rules = call.hook, call.rules

        def headers(url: str, form: Params) -> Headers:
            values = _signed_headers(url, form, call.account, call.wrong_key)
            hook.signature = values[SIGNATURE_HEADER]
            values["I-Twilio-Idempotency-Token"] = hook.idempotency_token
            return values

        started = time.monotonic()
        try:
            if hook.url.partition("#")[0] == seed.WELCOME_URL:
                answer = WebhookAnswer(200, "text/xml", _WELCOME)
            else:
                answer = request(
                    hook.url,
                    hook.method,
                    hook.params,
                    headers,
                    connect_timeout=rules.connect_timeout,
                    read_timeout=rules.read_timeout,
                    deadline=call.deadline,
                    slowly=call.slowly,
                )
        except WebhookProblem as problem:
            self._record(hook, started, None, problem.kind, problem.detail)
            self.debug(problem.code, "error", problem.detail, hook)
            return problem.kind, None
        self._record(hook, started, answer, "", "")
        if 200 <= answer.status < 300:
            return "", answer
        self.debug(11200, "error", f"the webhook answered {answer.status}", hook)
        return f"{answer.status // 100}xx", answer

    def _record(
        self, hook: Webhook, started: float, answer: WebhookAnswer | None, problem: str, detail: str
    ) -> None:
        status = answer.status if answer else None
        with self._store.change():
            hook.attempts.append(
                Attempt(hook.url, status, problem, detail, round(time.monotonic() - started, 4))
            )
            hook.status_code = status
            hook.content_type = answer.content_type if answer else ""
            hook.body = answer.body[:4000].decode("utf-8", "replace") if answer else ""

    def _wrong_key(self, hook: Webhook) -> str | None:
        numbers = [value for name, value in hook.params if name in ("From", "To")]
        scopes = ("all", "status") if hook.kind == "status" else ("all", "inbound")
        if not self._faults.take(
            "wrong_signature", *numbers, struck=hook.id, where=lambda params: params["scope"] in scopes
        ):
            return None
        with self._store.change():
            hook.faults.append("wrong_signature")
        return "not the key"


def _signed_headers(url: str, form: Params, account: Account, wrong_key: str | None) -> Headers:
    headers = {"User-Agent": "TwilioProxy/1.1", "Accept": "*/*"}
    if account.shared_key_secret and account.shared_key_id:
        key, algorithm = account.shared_key_secret, "sha256"
        headers[SETTINGS_HEADER] = f"key={account.shared_key_id},algorithm=HMAC_SHA256"
    else:
        key, algorithm = account.auth_token, "sha1"
    headers[SIGNATURE_HEADER] = sign(url, form, wrong_key or key, algorithm)
    return headers
