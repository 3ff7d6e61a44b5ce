"""Only Twilio can sign, and whatever Twilio signs is recognised."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.twilio_gateway.signature import matching_key, sign
from illumichat_sms_plugin.twilio_gateway.values import SigningKey
from tests.support.twilio_validator import KNOWS_ALGORITHMS, twilio_accepts, twilio_signs

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "signature_vectors.json").read_text(encoding="utf-8")
)

URL = "https://sms.example.com/api/sms/webhook/a1"
PARAMS = (("Body", "Hello"), ("From", "+15551230001"))
TOKEN = SigningKey("auth_token", Secret("a" * 32))
NEXT_TOKEN = SigningKey("next_auth_token", Secret("b" * 32))
SHARED = SigningKey("signing_key", Secret("c" * 32), "HMAC_SHA256")
SHARED_HEADER = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"

ORACLE_IS_WRONG = {
    "user and password go together with a port",
    "an IPv6 host, port removed",
    "the fragment is not signed",
    "the fragment after a query is not signed",
    "no signature",
}
"""Twilio's library cuts the authority at its first colon, signs the fragment and raises without a header."""


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["rule"] for vector in VECTORS])
def test_the_table_of_rules(vector: dict[str, Any]):
    key = SigningKey("key", Secret(vector["secret"]), vector["algorithm"])
    params = [tuple(pair) for pair in vector["params"]]
    found = matching_key(vector["url"], params, vector["signature"], [key], vector["settings_header"])
    assert found is (key if vector["matches"] else None)


@pytest.mark.parametrize(
    "vector",
    [vector for vector in VECTORS if vector["rule"] not in ORACLE_IS_WRONG],
    ids=lambda vector: vector["rule"],
)
def test_twilios_own_validator_agrees_with_the_table(vector: dict[str, Any]):
    params = [(name, value) for name, value in vector["params"]]
    asked = vector["secret"], vector["url"], params, vector["signature"], vector["settings_header"]
    assert twilio_accepts(*asked) is vector["matches"]


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
pairs = st.lists(st.tuples(st.one_of(st.sampled_from(["Body", "A", "AB", "a"]), text), text), max_size=8)
hosts = st.sampled_from(
    ["h.example.com", "h.example.com:443", "h.example.com:80", "h.example.com:8443", "10.0.0.1"]
)
paths = st.sampled_from(["", "/", "/x", "/x/?a=b:1&c=%20", "/x?m=7"])
urls = st.builds("{}://{}{}".format, st.sampled_from(["https", "http"]), hosts, paths)
keys = st.builds(
    SigningKey,
    st.just("k"),
    st.builds(Secret, st.text(min_size=1, max_size=40)),
    st.sampled_from(["HMAC_SHA1", "HMAC_SHA256"] if KNOWS_ALGORITHMS else ["HMAC_SHA1"]),
)


@given(urls, pairs, keys)
def test_it_signs_as_twilios_library_does(url: str, params: list[tuple[str, str]], key: SigningKey):
    assert sign(url, params, key) == twilio_signs(key.secret.reveal(), url, params, key.algorithm)


@given(urls, urls, pairs, pairs, keys)
def test_it_judges_as_twilios_library_does(
    url: str, signed_url: str, params: list[tuple[str, str]], signed: list[tuple[str, str]], key: SigningKey
):
    header = f"key=k,algorithm={key.algorithm}"
    for candidate in (params, signed):
        signature = sign(signed_url, candidate, key)
        expected = twilio_accepts(key.secret.reveal(), url, params, signature, header)
        assert (matching_key(url, params, signature, [key], header) is key) == expected


anything = st.text(st.characters(), max_size=30)  # lone surrogates too


@given(
    anything,
    st.lists(st.tuples(anything, anything), max_size=5),
    st.none() | anything,
    st.none() | anything,
)
def test_no_input_raises_and_none_matches_by_chance(
    url: str, params: list[tuple[str, str]], signature: str | None, header: str | None
):
    assert matching_key(url, params, signature, [TOKEN, SHARED], header) is None


@given(anything, st.lists(st.tuples(anything, anything), max_size=5))
def test_what_is_signed_matches_whatever_it_is(url: str, params: list[tuple[str, str]]):
    assert matching_key(url, params, sign(url, params, TOKEN), [TOKEN]) is TOKEN


@pytest.mark.parametrize("key", [TOKEN, NEXT_TOKEN], ids=lambda key: key.name)
def test_it_says_which_of_several_tokens_signed(key: SigningKey):
    """During a change of the token both are good, and the log tells when the old one is no longer used."""
    assert matching_key(URL, PARAMS, sign(URL, PARAMS, key), [TOKEN, SHARED, NEXT_TOKEN]) is key


def test_a_shared_key_signs_beside_the_token():
    signature = sign(URL, PARAMS, SHARED)
    assert matching_key(URL, PARAMS, signature, [TOKEN, SHARED], SHARED_HEADER) is SHARED


def test_the_token_does_not_stand_in_for_a_shared_key():
    """Who may sign is settled by the keys' own algorithms, not by a header that anybody can send."""
    as_if_shared = SigningKey("forged", TOKEN.secret, "HMAC_SHA256")
    signature = sign(URL, PARAMS, as_if_shared)
    assert matching_key(URL, PARAMS, signature, [TOKEN, SHARED], SHARED_HEADER) is None


def test_without_keys_nothing_matches():
    assert matching_key(URL, PARAMS, sign(URL, PARAMS, TOKEN), []) is None


def test_parameters_may_come_as_an_iterator():
    assert matching_key(URL, iter(PARAMS), sign(URL, iter(PARAMS), TOKEN), [SHARED, TOKEN]) is TOKEN


def test_every_character_of_the_signature_counts():
    signature = sign(URL, PARAMS, TOKEN)
    for at, letter in enumerate(signature):
        changed = signature[:at] + ("A" if letter != "A" else "B") + signature[at + 1 :]
        assert matching_key(URL, PARAMS, changed, [TOKEN]) is None
