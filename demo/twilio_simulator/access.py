"""Who is calling the REST API, and may they: basic auth, API keys, account states, faults that strike first."""

from __future__ import annotations

import hmac
import time

from flask import Request

from demo.twilio_simulator.connections import reset_connection
from demo.twilio_simulator.errors import ApiError
from demo.twilio_simulator.faults import Faults
from demo.twilio_simulator.records import Account, ApiKey
from demo.twilio_simulator.scheduler import Scheduler
from demo.twilio_simulator.store import Store


def authenticate(store: Store, request: Request) -> tuple[Account, ApiKey | None]:
    """The account whose SID and token (primary or secondary) were given, or whose API key; 20003 for anything else."""
    auth = request.authorization
    if auth is None or auth.type != "basic":
        raise ApiError(20003)
    key = store.api_keys.get(auth.username or "")
    account = store.accounts.get(key.account_sid if key else auth.username or "")
    if account is None:
        raise ApiError(20003)
    given = (auth.password or "").encode()
    secrets = [key.secret] if key else [account.auth_token, account.secondary_auth_token]
    if not any(secret and hmac.compare_digest(secret.encode(), given) for secret in secrets):
        raise ApiError(20003)
    return account, key


def authorize(account: Account, path_sid: str | None, *, reading_account: bool, creating: bool) -> None:
    """Refuse what the account may not do; a suspended account can still be looked at."""
    if path_sid is not None and path_sid != account.sid:
        raise ApiError(20003)
    if account.status == "closed":
        raise ApiError(20003)
    if account.status == "suspended" and not reading_account:
        raise ApiError(int(account.refusal or 20005))
    if account.test_credentials and not creating:
        raise ApiError(20008)


def strike_before_working(
    faults: Faults, scheduler: Scheduler, request: Request, account_sid: str, *, creating: bool
) -> None:
    """Faults of the whole REST API: slow, down, too many requests, an error before anything is done."""
    numbers = (request.form.get("From"), request.form.get("To")) if creating else ()
    struck = f"{request.method} {request.path}"
    slow = faults.take("slow_api", *numbers, account_sid=account_sid, struck=struck)
    if slow:
        scheduler.stopping.wait(float(slow.params["seconds"]))
    outage = faults.take("outage", *numbers, account_sid=account_sid, struck=struck)
    if outage:
        if outage.params["mode"] == "reset":
            reset_connection(request.environ)
        raise ApiError(20503)
    for kind, code in (("too_many_requests", 20429), ("error_before_accepting", 20500)):
        if faults.take(
            kind,
            *numbers,
            account_sid=account_sid,
            struck=struck,
            where=lambda params: creating or params["scope"] == "all",
        ):
            raise ApiError(code)


def hang(request: Request, scheduler: Scheduler, seconds: float) -> None:
    """Leave the caller waiting until it gives up, the time is over or the simulator stops."""
    gone = request.environ.get("waitress.client_disconnected", bool)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not gone() and not scheduler.stopping.wait(0.05):
        pass
    reset_connection(request.environ)
