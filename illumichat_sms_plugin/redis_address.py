"""Where Redis is, as ``SMS_REDIS_URL`` says it, and a client for it.

    redis://…  rediss://…  unix://…  valkey://…  valkeys://…
    redis+sentinel://:password@sentinel-1:26379,sentinel-2:26379/mymaster/0?sentinel_password=…
    rediss+sentinel://…                          TLS to Redis and to the Sentinels

Whatever is raised here never quotes the URL: the password is in it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.exceptions import RedisError
from redis.retry import Retry
from redis.sentinel import Sentinel

from illumichat_sms_plugin.errors import StartRefused

MakeClient = Callable[..., Redis]
"""Called with ``socket_timeout`` (seconds, or None for no bound) and ``socket_connect_timeout``; a new client each time."""
SENTINEL_PORT = 26379
_FILES = ("ca_certs", "certfile", "keyfile")
"""Files that a ``rediss://`` URL may name."""
_OTHER_NAMES = {"valkey": "redis", "valkeys": "rediss"}
_OF_SENTINELS = "sentinel_"
"""Begins the arguments that are for the Sentinels; the others are for Redis itself."""


def client_for(url: str, *, socket_timeout: float | None, socket_connect_timeout: float) -> Redis:
    """A new client; ValueError or RedisError for a URL that says nothing. Connects to nothing yet."""
    times: dict[str, Any] = {
        "socket_timeout": socket_timeout,
        "socket_connect_timeout": socket_connect_timeout,
        "retry": Retry(NoBackoff(), 0),
    }
    scheme = urlsplit(url).scheme
    if scheme.endswith("+sentinel"):
        return _behind_sentinels(url, times)
    if scheme in _OTHER_NAMES:
        url = _OTHER_NAMES[scheme] + url[len(scheme) :]
    return Redis.from_url(url, **times)


def _behind_sentinels(url: str, times: dict[str, Any]) -> Redis:
    """A client that asks the Sentinels who the master is, for every new connection."""
    parts = urlsplit(url)
    login, _, hosts = parts.netloc.rpartition("@")
    _, service, *database = parts.path.split("/")
    if not service or len(database) > 1:
        raise ValueError("The path is /name-of-the-master/database.")
    given = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode([(name, value) for name, value in given if not name.startswith(_OF_SENTINELS)])
    secure = parts.scheme == "rediss+sentinel"
    plain = f"{'rediss' if secure else 'redis'}://{login}@redis/{''.join(database) or 0}?{query}"
    options: dict[str, Any] = {**parse_url(plain), **times}  # type: ignore[no-untyped-call]  # redis-py has no types here
    for name in ("host", "port", "connection_class"):
        options.pop(name, None)
    sentinel_options = {
        **{
            name.removeprefix(_OF_SENTINELS): value for name, value in given if name.startswith(_OF_SENTINELS)
        },
        **{name: value for name, value in options.items() if name.startswith("ssl_")},
        "socket_timeout": times["socket_connect_timeout"],
        "socket_connect_timeout": times["socket_connect_timeout"],
        "ssl": secure,
    }
    sentinels = [_address(host) for host in hosts.split(",")]
    among = Sentinel(sentinels, sentinel_kwargs=sentinel_options, ssl=secure, **options)  # type: ignore[no-untyped-call]
    found: Redis = among.master_for(service)  # type: ignore[no-untyped-call]
    return found


def _address(host: str) -> tuple[str, int]:
    parts = urlsplit(f"//{host}")
    if not parts.hostname:
        raise ValueError("A Sentinel has no name.")
    return parts.hostname, parts.port or SENTINEL_PORT


def refuse_bad_address(url: str) -> None:
    """StartRefused for a URL that no connection can be made with; says what kind of mistake it is."""
    if "cluster" in urlsplit(url).scheme:
        raise StartRefused(
            "SMS_REDIS_URL names a Redis Cluster, which the queue (RQ) cannot use: give it one Redis or Valkey, alone or "
            "behind Sentinels (redis+sentinel://)."
        )
    try:
        pool = client_for(url, socket_timeout=None, socket_connect_timeout=1.0).connection_pool
    except (ValueError, RedisError):
        raise StartRefused(
            "SMS_REDIS_URL must be a URL such as redis://localhost:6379/0, "
            "or redis+sentinel://sentinel-1:26379,sentinel-2:26379/mymaster/0."
        ) from None
    try:
        connection = pool.connection_class(**pool.connection_kwargs)
    except (TypeError, ValueError, RedisError):
        raise StartRefused(
            "SMS_REDIS_URL has arguments behind its ? that no connection can be made with. "
            "For certificates that are not checked write ssl_cert_reqs=none."
        ) from None
    missing = [
        name for name in _FILES if (path := getattr(connection, name, None)) and not Path(path).exists()
    ]
    if missing:
        raise StartRefused(f"SMS_REDIS_URL names a file in ssl_{missing[0]} that is not there.")
