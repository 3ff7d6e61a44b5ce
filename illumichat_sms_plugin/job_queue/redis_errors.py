"""Explains Redis's errors without quoting an address or a password."""

from __future__ import annotations

from redis import Redis
from redis.exceptions import AuthenticationError, NoPermissionError, ReadOnlyError, ResponseError

CLUSTER = "it is a Redis Cluster, which the queue (RQ) cannot use: one Redis or Valkey is needed, alone or behind Sentinels"
_BY_WORDS = (
    ("CERTIFICATE_VERIFY_FAILED", "its certificate is not trusted or is for another name; ssl_ca_certs names a private CA's file"),
    ("WRONG_VERSION_NUMBER", "it speaks no TLS: redis:// instead of rediss://"),
    ("cross-slot", CLUSTER),
    ("CROSSSLOT", CLUSTER),
    ("MOVED ", CLUSTER),
    ("No master found", "no Sentinel answers, or none knows a master of this name"),
    ("Connection refused", "nothing listens at its address, which is in SMS_REDIS_URL"),
    ("Name or service not known", "the host name in SMS_REDIS_URL is not found"),
)  # fmt: skip
_BY_KIND: tuple[tuple[type[Exception], str], ...] = (
    (AuthenticationError, "it refuses the user name or the password"),
    (NoPermissionError, "its user may not do what the queue needs"),
    (ReadOnlyError, "it is a replica, and takes nothing in"),
)


def in_words(error: Exception) -> str:
    """The kind of error, and its meaning where it is known."""
    kind = type(error).__name__
    text = f"{error} {error.__cause__ or ''} {error.__context__ or ''}"
    meaning = next((words for mark, words in _BY_WORDS if mark.lower() in text.lower()), None)
    meaning = meaning or next((words for known, words in _BY_KIND if isinstance(error, known)), None)
    return f"{kind} ({meaning})" if meaning else kind


def is_cluster(client: Redis) -> bool:
    """Whether Redis is a Cluster; False if our user may not ask. Raises RedisError if Redis does not answer."""
    try:
        found = client.info("cluster")
    except ResponseError:
        return False
    return bool(found.get("cluster_enabled")) if isinstance(found, dict) else False
