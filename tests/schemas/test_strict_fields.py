"""A value is taken for what it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError, fields

from illumichat_sms_plugin.schemas.camel import camel
from illumichat_sms_plugin.schemas.strict_fields import (
    IsoTime,
    QueryBoolean,
    QueryInteger,
    SecretString,
    StrictBoolean,
    StrictInteger,
    StrictString,
)
from illumichat_sms_plugin.secret import Secret


def refuses(field: fields.Field[Any], value: Any) -> None:
    with pytest.raises(ValidationError):
        field.deserialize(value)


@pytest.mark.parametrize("value", [True, False])
def test_a_boolean_is_a_boolean(value: bool):
    assert StrictBoolean().deserialize(value) is value


@pytest.mark.parametrize("value", [1, 0, "true", "yes", "on", 1.0, [], {}, None])
def test_what_could_be_meant_as_a_boolean_is_none(value: Any):
    refuses(StrictBoolean(), value)


@pytest.mark.parametrize("value", ["true", "false"])
def test_a_boolean_of_a_query_has_one_spelling(value: str):
    assert QueryBoolean().deserialize(value) is (value == "true")


@pytest.mark.parametrize("value", ["", "1", "0", "yes", "on", "True", " true", True, 1])
def test_other_spellings_of_a_boolean_are_none(value: Any):
    refuses(QueryBoolean(), value)


@given(st.integers())
def test_a_whole_number_is_itself(value: int):
    assert StrictInteger().deserialize(value) == value


@pytest.mark.parametrize("value", [True, "1", 1.0, 1.5, None, []])
def test_what_could_be_meant_as_a_whole_number_is_none(value: Any):
    refuses(StrictInteger(), value)


@given(st.integers(min_value=-(10**17), max_value=10**17))
def test_plain_digits_of_a_query_are_a_number(value: int):
    assert QueryInteger().deserialize(str(value)) == value


@pytest.mark.parametrize(
    "value", ["", " 1", "1 ", "+1", "01", "1.0", "1e3", "1_000", "٣", "0x1", "9" * 19, 7]
)
def test_other_spellings_of_a_number_are_none(value: Any):
    refuses(QueryInteger(), value)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_any_text_is_a_string(value: str):
    assert StrictString().deserialize(value) == value


@pytest.mark.parametrize("value", ["a\x00b", "\ud800", b"bytes", 1, None])
def test_what_no_database_keeps_is_no_string(value: Any):
    refuses(StrictString(), value)


def test_a_time_is_written_in_utc_with_z():
    moment = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=timezone(timedelta(hours=2)))
    assert IsoTime().serialize("at", {"at": moment}) == "2026-03-01T10:30:15.123Z"
    assert IsoTime().serialize("at", {"at": datetime(2026, 3, 1, tzinfo=UTC)}) == "2026-03-01T00:00:00.000Z"
    assert IsoTime().serialize("at", {"at": None}) is None


@pytest.mark.parametrize(
    ("ours", "theirs"), [("phone_number", "phoneNumber"), ("enabled", "enabled"), ("p95", "p95")]
)
def test_names_are_camel_case_outside(ours: str, theirs: str):
    assert camel(ours) == theirs


def test_a_secret_is_taken_wrapped_and_never_given_out():
    assert SecretString().deserialize(Secret("s3cr3t")) == Secret("s3cr3t")
    assert SecretString().load_only


@pytest.mark.parametrize(
    "value", ["in the clear", 5, None, {}, [], object(), Secret("a\x00b"), Secret("half \ud83d")]
)
def test_what_is_no_wrapped_text_is_no_secret(value: Any):
    refuses(SecretString(), value)
