"""Connections that lead to public addresses only, whatever a name resolves to.

The address that was looked at is the one that is connected to, so a name that resolves to another address a moment
later leads nowhere else. Through an operator's proxy it is the proxy that looks names up.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from urllib3.connection import HTTPSConnection

from illumichat_sms_plugin.twilio_gateway.connections import (
    PooledHttps,
    WatchedAdapter,
    WatchedConnection,
)

_NAT64 = IPv6Network("64:ff9b::/96")


class NotPublic(OSError):  # noqa: N818 - reads as what was found
    """The name leads to this machine, its network, or nowhere in particular."""


def is_public(address: str) -> bool:
    """Whether an IP address is somebody's on the internet; an IPv4 address inside an IPv6 one counts as itself."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if found in _NAT64:
            inner = IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def public_address(host: str, port: int) -> str:
    """An address of ``host``; NotPublic when one of them is not public."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not found or not all(is_public(address) for address in found):
        raise NotPublic("the name leads to an address that is not public")
    return found[0]


class _Connection(WatchedConnection, HTTPSConnection):
    _dns_host: str

    def _new_conn(self) -> Any:
        name = self._dns_host
        self._dns_host = public_address(name, self.port)
        try:
            return super()._new_conn()
        finally:
            self._dns_host = name  # what the certificate must be for


class _Pool(PooledHttps):
    ConnectionCls = _Connection


class PublicAdapter(WatchedAdapter):
    """HTTPS to public addresses; it has no pool for plain HTTP."""

    pools = {"https": _Pool}  # noqa: RUF012 - as urllib3 has it
