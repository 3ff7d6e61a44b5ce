"""The ladder of delivery: late, double, reversed and unknown reports are ordinary cases."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.message_status import (
    FINAL,
    RANK,
    Delivery,
    MessageStatus,
    advance,
    is_final,
    parse_status,
)

S = MessageStatus
NONE_YET = Delivery(None, None, False)

statuses = st.sampled_from(list(MessageStatus))
codes = st.none() | st.integers(30001, 30010)
deliveries = st.builds(Delivery, st.none() | statuses, codes, st.booleans())
reports = st.lists(st.tuples(statuses, codes), max_size=8)


def rank(delivery: Delivery) -> int:
    return RANK.get(delivery.status, -1) if delivery.status else -1


def after(*words: str | tuple[str, int | None]) -> Delivery:
    """What is known after these reports, in this order."""
    delivery = NONE_YET
    for word in words:
        name, code = word if isinstance(word, tuple) else (word, None)
        delivery = advance(delivery, parse_status(name), code)
    return delivery


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        (["queued", "sending", "sent", "delivered"], Delivery(S.DELIVERED)),
        (["delivered", "sent"], Delivery(S.DELIVERED)),
        (["sent", "queued", "sending"], Delivery(S.SENT)),
        (["scheduled", "accepted"], Delivery(S.ACCEPTED)),
        (["sent", "partially_delivered", "sent"], Delivery(S.PARTIALLY_DELIVERED)),
        (["delivered", "read", "delivered"], Delivery(S.READ)),
        (["read", "delivered"], Delivery(S.READ)),
        (["sent", ("undelivered", 30003)], Delivery(S.UNDELIVERED, 30003)),
        ([("undelivered", 30003), "delivered"], Delivery(S.DELIVERED)),
        ([("failed", 30008), "delivered"], Delivery(S.DELIVERED)),
        ([("failed", 30008), "read"], Delivery(S.READ)),
        (["delivered", ("undelivered", 30003)], Delivery(S.DELIVERED, None, True)),
        (["read", ("failed", 30008)], Delivery(S.READ, None, True)),
        ([("failed", 30008), ("undelivered", 30003)], Delivery(S.FAILED, 30008, True)),
        (["canceled", "delivered"], Delivery(S.CANCELED, None, True)),
        (["delivered", "canceled"], Delivery(S.DELIVERED, None, True)),
        ([("failed", 30008), "canceled", "delivered"], Delivery(S.DELIVERED, None, True)),
        (["undelivered", ("undelivered", 30003)], Delivery(S.UNDELIVERED, 30003)),
        ([("undelivered", 30003), ("undelivered", 30005)], Delivery(S.UNDELIVERED, 30003)),
        ([("undelivered", 30003), "undelivered"], Delivery(S.UNDELIVERED, 30003)),
        ([("undelivered", 30003), "sent"], Delivery(S.UNDELIVERED, 30003)),
        (["delivered", "delivered"], Delivery(S.DELIVERED)),
        (["sent", "teleported"], Delivery(S.SENT)),
        (["sent", ""], Delivery(S.SENT)),
        (["sent", "received", "receiving"], Delivery(S.SENT)),
        (["teleported"], NONE_YET),
        (["received"], NONE_YET),
    ],
)
def test_reports_in_this_order_leave(reports: list[str | tuple[str, int | None]], expected: Delivery):
    assert after(*reports) == expected


@given(deliveries, statuses, codes)
def test_a_status_never_steps_down(current: Delivery, status: MessageStatus, code: int | None):
    assert rank(advance(current, status, code)) >= rank(current)


@given(deliveries, statuses, codes)
def test_the_same_report_twice_says_no_more_than_once(
    current: Delivery, status: MessageStatus, code: int | None
):
    once = advance(current, status, code)
    assert advance(once, status, code) == once


@given(reports, st.randoms(use_true_random=False))
def test_the_order_of_callbacks_does_not_matter_for_how_far_it_came(
    given_reports: list[tuple[MessageStatus, int | None]], random
):
    shuffled = random.sample(given_reports, len(given_reports))
    in_order = out_of_order = NONE_YET
    for status, code in given_reports:
        in_order = advance(in_order, status, code)
    for status, code in shuffled:
        out_of_order = advance(out_of_order, status, code)
    assert rank(in_order) == rank(out_of_order)


def test_a_delivered_message_is_delivered_in_every_order_of_an_ordinary_life():
    for order in permutations(["queued", "sending", "sent", "delivered"]):
        assert after(*order) == Delivery(S.DELIVERED)
    for order in permutations(["sent", ("undelivered", 30003), "queued"]):
        assert after(*order) == Delivery(S.UNDELIVERED, 30003)


@given(deliveries, statuses, codes)
def test_a_conflict_once_seen_stays_visible(current: Delivery, status: MessageStatus, code: int | None):
    assert advance(current, status, code).conflict or not current.conflict


@given(reports)
def test_only_a_failure_has_an_error_code(given_reports: list[tuple[MessageStatus, int | None]]):
    delivery = NONE_YET
    for status, code in given_reports:
        delivery = advance(delivery, status, code)
    assert delivery.error_code is None or delivery.status in (S.UNDELIVERED, S.FAILED)


@given(st.text() | st.none())
def test_any_word_is_a_status(word: str | None):
    assert parse_status(word) in MessageStatus


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("delivered", S.DELIVERED),
        (" Sent ", S.SENT),
        ("", S.UNKNOWN),
        (None, S.UNKNOWN),
        ("flying", S.UNKNOWN),
    ],
)
def test_twilios_words_are_read(word: str | None, status: MessageStatus):
    assert parse_status(word) is status


def test_final_are_those_after_which_nothing_need_come():
    assert {"delivered", "undelivered", "failed", "canceled", "read"} == FINAL
    assert all(is_final(status) == (status in FINAL) for status in MessageStatus)
