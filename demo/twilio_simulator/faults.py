"""Which faults are set, whom they strike, and a record of every strike."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from demo.twilio_simulator import seed
from demo.twilio_simulator.fault_kinds import KINDS, STATE_STAGES, FaultError, resolve
from demo.twilio_simulator.records import Account, Fault, Number
from demo.twilio_simulator.store import Store


class Faults:
    """The faults of one simulator."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ids = itertools.count(1)
        self.all: list[Fault] = []

    def add(
        self,
        kind: str,
        *,
        number: str | None = None,
        account_sid: str | None = None,
        count: int | None = 1,
        **params: Any,
    ) -> Fault:
        """Let something go wrong ``count`` times, or with None until it is cleared.

        ``number`` limits it to messages from or to that number. A fault of an account or number is
        in force until it is cleared, whatever ``count`` says. FaultError for what makes no sense.
        """
        found, values = resolve(kind, params)
        if count is not None and count < 1:
            raise FaultError("count is at least 1, or null for until it is cleared")
        with self._store.change():
            fault = Fault(
                id=str(next(self._ids)),
                kind=found.name,
                number=number,
                account_sid=account_sid,
                remaining=None if found.stage in STATE_STAGES else count,
                params=values,
            )
            if found.stage in STATE_STAGES:
                self._apply(fault)
            self.all.append(fault)
            return fault

    def clear(self, fault_id: str | None = None) -> int:
        """End one fault, or all; says how many were ended."""
        with self._store.change():
            ended = [f for f in self.all if f.active and fault_id in (None, f.id)]
            for fault in reversed(ended):
                fault.remaining = 0
                self._undo(fault)
            return len(ended)

    def take(
        self,
        kind: str,
        *numbers: str | None,
        struck: str,
        account_sid: str = "",
        where: Callable[[Mapping[str, Any]], bool] | None = None,
    ) -> Fault | None:
        """The active fault of this kind that strikes, counted and recorded; or None.

        ``numbers`` and ``account_sid`` are those of the message or request, ``struck`` names it in the
        record, and ``where`` looks at the fault's parameters.
        """
        with self._store.lock:
            for fault in self.all:
                if (
                    fault.kind == kind
                    and fault.active
                    and fault.number in (None, *numbers)
                    and (not account_sid or fault.account_sid in (None, account_sid))
                    and (where is None or where(fault.params))
                ):
                    self.hit(fault, struck)
                    return fault
        return None

    def hit(self, fault: Fault, struck: str) -> None:
        """Count one strike."""
        with self._store.change():
            fault.hits.append((time.time(), struck))
            if fault.remaining is not None:
                fault.remaining -= 1

    def _apply(self, fault: Fault) -> None:
        for record, changes in self._changes(fault):
            before = {name: getattr(record, name) for name in changes}
            fault.undo[record.sid] = [before, dict(changes)]
            self._set(record, changes)
        fault.hits.append((time.time(), ", ".join(fault.undo)))

    def _undo(self, fault: Fault) -> None:
        """Put back what the fault changed, unless somebody has changed it since; what was spent meanwhile stays spent."""
        for sid, (before, after) in fault.undo.items():
            record = self._store.accounts.get(sid) or self._store.numbers.get(sid)
            if isinstance(record, Account) and record.balance != after.get("balance", record.balance):
                spent = Decimal(after["balance"]) - Decimal(record.balance)
                self._set(record, {"balance": f"{Decimal(before['balance']) - spent:.4f}"})
            elif record is not None:
                self._set(record, {k: v for k, v in before.items() if getattr(record, k) == after[k]})
        fault.undo = {}

    def _set(self, record: Account | Number, changes: dict[str, Any]) -> None:
        for name, value in changes.items():
            setattr(record, name, value)
        self._store.save(record)

    def _changes(self, fault: Fault) -> list[tuple[Account | Number, dict[str, Any]]]:
        """The records that a fault of an account or number changes, and how."""
        if KINDS[fault.kind].stage == "number":
            numbers = [n for n in self._store.numbers.values() if fault.number in (None, n.phone_number)]
            if not numbers:
                raise FaultError(f"no account owns {fault.number}")
            return [(number, _number_changes(fault)) for number in numbers]
        owner = self._store.number_named(fault.number)
        wanted = fault.account_sid or (owner.account_sid if owner else seed.ACCOUNT_SID)
        account = self._store.accounts.get(wanted)
        if account is None:
            raise FaultError(f"there is no account {wanted}")
        return [(account, _account_changes(fault, account))]


def _number_changes(fault: Fault) -> dict[str, Any]:
    match fault.kind:
        case "not_sms_capable":
            return {"sms_capable": False}
        case "number_released":
            return {"account_sid": ""}
        case "webhook_changed":
            return {"sms_url": fault.params["url"]}
        case "webhook_method_get":
            return {"sms_method": "GET"}
        case _:
            return {"sms_application_sid": seed.APPLICATION_SID}


def _account_changes(fault: Fault, account: Account) -> dict[str, Any]:
    match fault.kind:
        case "suspended_account":
            return {"status": "suspended", "refusal": str(fault.params["code"])}
        case "closed_account":
            return {"status": "closed"}
        case "low_balance":
            return {"balance": str(fault.params["balance"])}
        case "trial_account":
            return {"type": "Trial"}
        case "geo_permission":
            return {"blocked_prefixes": [*account.blocked_prefixes, fault.params["prefix"]]}
        case _:
            return {"auth_token": account.secondary_auth_token or seed.ROTATED_AUTH_TOKEN} | (
                {"secondary_auth_token": None} if account.secondary_auth_token else {}
            )


def as_json(fault: Fault) -> dict[str, Any]:
    """The fault for the control API."""
    values = dataclasses.asdict(fault)
    del values["undo"]
    return {**values, "active": fault.active, "title": KINDS[fault.kind].title}
