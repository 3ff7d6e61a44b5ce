"""Signed inbound texts, as fast as a server takes them."""

from __future__ import annotations

import http.client
import random
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from demo.twilio_simulator import seed
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.twilio_gateway.signature import sign
from illumichat_sms_plugin.twilio_gateway.values import SigningKey

PUBLIC_URL = "https://chat.example.com"
PATH = "/api/sms/webhook/ast_support"
SENDERS = 500
CONNECTIONS = 16


@dataclass(frozen=True)
class Load:
    """What a round took. ``slowest`` is the 99th percentile of one request, in seconds."""

    requests: int
    seconds: float
    slowest: float


def signed_texts(count: int) -> list[tuple[bytes, str]]:
    """Bodies and signatures, made beforehand."""
    key = SigningKey("auth_token", Secret(seed.AUTH_TOKEN), "HMAC_SHA1")
    made = []
    for number in range(count):
        form = {
            "ToCountry": "US",
            "ToState": "",
            "SmsMessageSid": "",
            "NumMedia": "0",
            "ToCity": "",
            "FromZip": "",
            "SmsSid": "",
            "FromState": "",
            "SmsStatus": "received",
            "FromCity": "",
            "Body": f"What are your opening hours on day {number}?",
            "FromCountry": "US",
            "To": seed.SUPPORT_NUMBER,
            "NumSegments": "1",
            "MessageSid": "SM" + secrets.token_hex(16),
            "AccountSid": seed.ACCOUNT_SID,
            "From": f"+1555{random.randrange(SENDERS):07}",
            "ApiVersion": "2010-04-01",
        }
        made.append((urlencode(form).encode(), sign(PUBLIC_URL + PATH, list(form.items()), key)))
    return made


def fire(base_url: str, texts: list[tuple[bytes, str]]) -> Load:
    """Post all texts over 16 connections; every answer must be 200."""
    address = urlsplit(base_url).netloc
    shares = [texts[n::CONNECTIONS] for n in range(CONNECTIONS)]
    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        times = [t for share in pool.map(lambda s: _post_all(address, s), shares) for t in share]
    seconds = time.perf_counter() - started
    return Load(len(texts), seconds, sorted(times)[int(len(times) * 0.99)])


def _post_all(address: str, texts: list[tuple[bytes, str]]) -> list[float]:
    times = []
    for body, signature in texts:
        before = time.perf_counter()
        connection = http.client.HTTPConnection(address, timeout=30)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
        connection.request("POST", PATH, body, headers)
        status = connection.getresponse().status
        connection.close()
        if status != 200:
            raise SystemExit(f"the server answered {status}")
        times.append(time.perf_counter() - before)
    return times
