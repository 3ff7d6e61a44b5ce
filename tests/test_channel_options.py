"""Options of a channel: what a definition says, and what follows from it. Pages and API: blueprints/test_every_option."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from illumichat_sms_plugin.channel_options import OPTIONS, for_admins, options_of
from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.models import SmsChannel
from illumichat_sms_plugin.option_kinds import Length, Lines, Number, Option, OwnWords, Switch
from illumichat_sms_plugin.option_places import Audience
from illumichat_sms_plugin.schemas.option_fields import fields_in, fields_out
from tests.support.options import another

each = pytest.mark.parametrize("option", OPTIONS.values(), ids=OPTIONS)


@each
def test_it_has_a_column_whose_default_is_its_own(option: Option):
    column = SmsChannel.__table__.c[option.name]
    default = column.default.arg if column.default is not None else None
    assert option.of_column(default) == option.default


@each
def test_it_says_what_it_is(option: Option):
    assert option.label
    assert option.help.endswith(".")
    option.check(option.default)


@each
def test_its_value_survives_being_typed_and_stored(option: Option):
    for value in (option.default, another(option)):
        assert option.of_column(option.check(value)) == value
        assert option.of_column(option.check(option.parse(option.typed(value)))) == value


LENGTH = Length(label="Length", help="How long.", low=50, high=1600)
DAYS = Number(label="After", help="Days.", low=0, high=99, unit="days", zero="never")
KEPT = Number(label="For", help="Days.", low=0, least=30, high=99, unit="days", zero="for ever")
OWN = OwnWords(label="Words", help="Which words.", usual="As usual.", longest=20, rows=2)
LINES = Lines(label="Lines", help="Which lines.", most=2, longest=5)
SWITCH = Switch(label="Switch", help="On or off.")


@pytest.mark.parametrize(
    ("option", "typed", "column"),
    [
        (SWITCH, "on", True),
        (SWITCH, " Off ", False),
        (LENGTH, " 50 ", 50),
        (LENGTH, "1600", 1600),
        (KEPT, "0", 0),
        (KEPT, "30", 30),
        (OWN, "", None),
        (OWN, "  \n ", None),
        (OWN, "As usual.\n", None),
        (OWN, " Ours. \x00", "Ours."),
        (LINES, "", ""),
        (LINES, "\n one \n\n a  b \n", "one\na b"),
    ],
)
def test_what_is_typed_becomes_a_column(option: Option, typed: str, column: Any):
    assert option.check(option.parse(typed)) == column


@pytest.mark.parametrize(
    ("option", "typed", "words"),
    [
        (SWITCH, "yes", "on or off"),
        (SWITCH, "", "on or off"),
        (LENGTH, "", "Enter a number"),
        (LENGTH, "-1", "Enter a number"),
        (LENGTH, "1e3", "Enter a number"),
        (LENGTH, "٣٢٠", "Enter a number"),
        (LENGTH, "49", "at least 50"),
        (LENGTH, "1601", "at most 1600"),
        (LENGTH, "9" * 5000, "at most 1600"),
        (KEPT, "1", "Enter 0, or a whole number from 30 to 99"),
        (KEPT, "29", "Enter 0, or a whole number from 30 to 99"),
        (OWN, "x" * 21, "At most 20 characters, these are 21"),
        (LINES, "a\nb\nc", "At most 2 words of 5 characters"),
        (LINES, "toolong", "At most 2 words of 5 characters"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(option: Option, typed: str, words: str):
    with pytest.raises(InvalidInput, match=words):
        option.check(option.parse(typed))


@pytest.mark.parametrize(
    ("option", "column", "words"),
    [
        (SWITCH, True, "on"),
        (SWITCH, False, "off"),
        (LENGTH, 306, "306"),
        (DAYS, 0, "never"),
        (DAYS, 1, "1 day"),
        (DAYS, 30, "30 days"),
        (OWN, None, "the usual ones"),
        (OWN, "Be kind.\nBe brief.", "Be kind. Be brief."),
        (LINES, "", "none"),
        (LINES, "ARRET\nPARAR", "ARRET PARAR"),
    ],
)
def test_a_column_reads_as_part_of_a_sentence(option: Option, column: Any, words: str):
    assert option.in_words(column) == words


@dataclass(frozen=True)
class Sample:
    """Options of which one is not for admins."""

    shown: bool = field(default=True, metadata={"option": SWITCH})
    cap: int = field(
        default=60,
        metadata={"option": Length(label="C", help="C.", low=1, high=99, seen_by=Audience.OPERATORS)},
    )


def test_an_operators_option_is_in_no_form_and_no_api():
    options = options_of(Sample)
    assert [(option.name, option.default) for option in options.values()] == [("shown", True), ("cap", 60)]
    assert list(for_admins(options)) == ["shown"]
    assert list(fields_in(for_admins(options))) == list(fields_out(for_admins(options))) == ["shown"]
