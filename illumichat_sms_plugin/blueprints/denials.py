"""A line in the security log for each request that was turned away."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from flask import request

from illumichat_sms_plugin.errors import Forbidden, NotFound, RateLimited, SmsError, Unauthorized
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.security_events import note_event

DENIALS: tuple[type[SmsError], ...] = (Unauthorized, Forbidden, NotFound, RateLimited)


def note_denial(error: SmsError) -> None:
    """Note it when ``error`` turned somebody away; other errors are none of ours here."""
    if isinstance(error, DENIALS):
        person = current_runtime().host.access.caller()
        note("denied", error.code, f"person:{person.id}" if person is not None else None)


def note(event: str, reason: str, caller: str | None = None) -> None:
    """Note what happened to this request: its route, what it was about, and who called or else from which network."""
    note_event(
        current_runtime(),
        event,
        reason,
        route=request.endpoint or "none",
        method=request.method,
        object=",".join(f"{name}={value}" for name, value in (request.view_args or {}).items()) or "none",
        caller=caller or f"network:{network_of(request.remote_addr)}",
    )


def network_of(address: str | None) -> str:
    """The address without its end, which is somebody's own: ``203.0.113.0/24``, ``2001:db8:7::/48``."""
    try:
        version = ip_address(address or "").version
    except ValueError:
        return "unknown"
    return str(ip_network(f"{address}/{24 if version == 4 else 48}", strict=False))
