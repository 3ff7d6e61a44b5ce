"""To which countries an account may send: all whose calling code is not among its blocked prefixes."""

from __future__ import annotations

from typing import Any

from phonenumbers import SUPPORTED_REGIONS, country_code_for_region

from demo.twilio_simulator.records import Account


def permissions_json(account: Account, codes: str) -> list[dict[str, Any]]:
    """Those of ``codes``, such as ``FR,US``, that exist; of every country without them."""
    wanted = [code for code in codes.upper().split(",") if code] or sorted(SUPPORTED_REGIONS)
    return [_permission(account, code) for code in wanted if code in SUPPORTED_REGIONS]


def _permission(account: Account, code: str) -> dict[str, Any]:
    prefix = f"+{country_code_for_region(code)}"
    return {
        "country_code": code,
        "type": "country",
        "enabled": not any(prefix.startswith(blocked) for blocked in account.blocked_prefixes),
        "prefix": prefix,
        "message": "",
    }
