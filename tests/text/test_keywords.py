"""What a text means for consent: too much taken for STOP is as bad as a STOP not honoured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.text.keywords import (
    LONGEST,
    classify,
    default_opt_out_words,
    read_text,
    twilio_confirms,
)
from tests.support.cpu_time import cpu_seconds
from tests.support.examples import pure

OPT_OUT_WORDS = [
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
    "OPT OUT",
    "STOP ALL",
]
MEANINGS = {"opt_out", "maybe_opt_out", "opt_in", "help", "message"}


@pytest.mark.parametrize("word", OPT_OUT_WORDS)
@pytest.mark.parametrize(
    "spelling",
    [
        str.upper,
        str.lower,
        str.title,
        "  {}\n".format,
        "{}!".format,
        "{}.".format,
        "“{}”".format,
        "'{}'".format,
        "« {} »".format,
        "🛑 {} 🛑".format,
        "{}❤️".format,
        "\u200b{}\ufeff".format,
        "\u200d".join,
        lambda word: "".join(chr(ord(c) + 0xFEE0) if c != " " else c for c in word),
    ],
)
def test_an_opt_out_keyword_counts_however_it_is_dressed(word: str, spelling):
    assert classify(spelling(word)) == "opt_out"


@pytest.mark.parametrize("body", ["Opt-out", "opt - out", "stop  all", "Stop-All", "STOP\nALL"])
def test_two_words_may_be_joined_in_any_way(body: str):
    assert classify(body) == "opt_out"


@pytest.mark.parametrize("body", ["START", "start!", "Unstop", "  unstop. "])
@pytest.mark.parametrize("opted_out", [True, False])
def test_start_and_unstop_always_opt_in(body: str, opted_out: bool):
    assert classify(body, opted_out=opted_out) == "opt_in"


def test_yes_opts_in_only_who_is_opted_out():
    assert classify("Yes!", opted_out=True) == "opt_in"
    assert classify("Yes!", opted_out=False) == "message"
    assert classify("yes please", opted_out=True) == "message"


@pytest.mark.parametrize("body", ["HELP", "help!", "Info", "“info”"])
def test_help_and_info_ask_for_help(body: str):
    assert classify(body) == "help"


WISHES = """
stop texting me
Please stop texting me.
STOP TEXTING ME!!!!
stop fucking texting me
Can you please stop texting me?
quit messaging me
stop sending me these messages
stop sending me text messages now
stop the texts
no more texts
No more texts please
No more messages
unsubscribe me
Please unsubscribe
please unsubscribe me from this list
I want to unsubscribe
I'd like to opt out
I would like to opt out of these messages
opt me out
take me off your list
Take me off of this mailing list please
Please remove me from your list. Thank you
remove me from all lists
delete my number
lose my number
do not text me
Do Not Contact Me
Don't text me
don’t text me anymore
Don't ever text me again
never contact me again
I don't want these texts
I don't want to receive any more texts from you
I no longer wish to receive messages
cancel text messages
I revoke my consent
leave me alone
please stop
Stop, please!
ok stop
Who is this? Stop texting me.
I never signed up for this. Unsubscribe.
""".strip().split("\n")


@pytest.mark.parametrize("body", [*WISHES, "Wrong person\nstop texting me"])
def test_a_plain_wish_to_be_left_alone_is_an_opt_out(body: str):
    """Revocation by any reasonable means: 47 CFR 64.1200(a)(10)."""
    assert classify(body) == "opt_out"


@pytest.mark.parametrize(
    "body",
    """
can you cancel my appointment
What time is the last bus stop?
yes please
help me choose a plan
please cancel
Please start
don't stop
I can't stop laughing
non-stop
end of the month works
end this chat
quit smoking tips
I want to quit smoking
how do I stop texting and driving?
please stop the delivery to my old address
stop by tomorrow?
stop sending me invoices
stop texting me in English
Stop. Go back. What was the first option?
Do not text me until Monday
my boss said stop texting me
What should I say to "stop texting me"?
how do I unsubscribe from Netflix
the unsubscribe button is broken
remove me from the waitlist for Tuesday
remove my number 3 item
cancel my subscription
I need texts in Spanish
do you text me when it ships?
what does STOP do
no more questions
never mind
No
no thanks
start over
info about plans
S
👍
1
""".strip().split("\n"),
)
@pytest.mark.parametrize("opted_out", [True, False])
def test_a_text_that_merely_contains_such_words_is_for_the_assistant(body: str, opted_out: bool):
    assert classify(body, opted_out=opted_out) == "message"


@pytest.mark.parametrize(
    ("opt_out_type", "meaning"),
    [("STOP", "opt_out"), ("START", "opt_in"), ("HELP", "help"), ("stop", "opt_out")],
)
def test_what_twilio_found_goes_before_what_we_read(opt_out_type: str, meaning: str):
    assert classify("ALTO", opt_out_type) == meaning
    assert classify("START" if meaning != "opt_in" else "STOP", opt_out_type) == meaning


@pytest.mark.parametrize("opt_out_type", [None, "", "NONE", "x" * 10_000])
def test_an_unknown_finding_of_twilio_is_ignored(opt_out_type: str | None):
    assert classify("STOP", opt_out_type) == "opt_out"
    assert classify("hello", opt_out_type) == "message"


def test_the_channels_own_words_count_however_they_are_spelled():
    own = ("ZUT", "Niente", "nicht mehr", "")
    for body in ("ZUT", "zut !", "Zût", "NIENTE.", "Nicht  mehr!"):
        assert classify(body, extra_opt_out=own) == "opt_out"
        assert classify(body) == "message"


@pytest.mark.parametrize("body", ["", "   ", "!!!", "👍🏽", "\u200b", "❤️"])
def test_a_text_without_words_is_a_message_even_beside_an_empty_own_word(body: str):
    assert classify(body, extra_opt_out=("", " ", "!")) == "message"


@pure
@given(st.text(), st.none() | st.text(), st.booleans(), st.lists(st.text(), max_size=3))
def test_any_text_has_a_meaning(body: str, opt_out_type: str | None, opted_out: bool, own: list[str]):
    assert classify(body, opt_out_type, opted_out, own) in MEANINGS


@pytest.mark.parametrize("body", [None, 5, b"STOP", ["STOP"]])
def test_what_is_no_text_is_a_message(body: object):
    assert classify(body) == "message"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "pattern",
    [
        "please ",
        "all ",
        "stop ",
        "any more ",
        "anymore ever again ",
        "i want to ",
        "no more these ",
        "can you ",
        "stop sending me any more ",
        "take me off ",
        "dont text me ",
        "!?.",
        "\u200b",
        "ﷺ",
        "\u0301",
    ],
)
def test_no_text_takes_long(pattern: str):
    """Texts made to send a regular expression astray, at the longest that is read, and far beyond."""
    bodies = [(pattern * LONGEST)[: LONGEST - 1] + end for end in ("", "x")] + [pattern * 100_000]
    for body in bodies:
        assert classify(body) in MEANINGS
    assert cpu_seconds(lambda: [classify(body) for body in bodies]) < 0.5


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("+15142345678", ("ARRET",)),
        ("+14165550100", ("ARRET",)),
        ("+13055550123", ()),
        ("+15551234567", ()),
        ("+33123456789", ()),
        ("SUPPORT", ()),
        ("", ()),
    ],
)
def test_canadian_numbers_know_arret_from_the_start(number: str, words: tuple[str, ...]):
    assert default_opt_out_words(number) == words


@pytest.mark.parametrize(
    ("body", "opt_out_type", "opted_out", "own", "reading"),
    [
        ("Stop!", None, False, (), ("opt_out", "keyword", "stop")),
        ("ALTO", "STOP", False, (), ("opt_out", "found by Twilio", "")),
        ("Zut !", None, False, ("ZUT",), ("opt_out", "a word of this channel", "zut")),
        ("Please stop texting me", None, False, (), ("opt_out", "en: stop texting", "stop texting me")),
        (
            "stop the reminders",
            None,
            False,
            (),
            ("maybe_opt_out", "en: stop what is sent", "stop the reminders"),
        ),
        ("yes", None, True, (), ("opt_in", "keyword", "yes")),
        ("What are your hours?", None, False, (), ("message", "", "")),
    ],
)
def test_a_reading_names_its_rule_and_its_words(body, opt_out_type, opted_out, own, reading):
    found = read_text(body, opt_out_type, opted_out, own)
    assert (found.meaning, found.rule, found.words) == reading


@pytest.mark.parametrize("body", ["STOP", " stop\n", "OptOut", "Revoke", "END"])
def test_twilio_confirms_its_own_keywords(body: str):
    assert twilio_confirms(body)


@pytest.mark.parametrize("body", ["opt out", "stop texting me", "STOP STOP", "Stop.", "ARRET", ""])
def test_twilio_confirms_no_other_wish(body: str):
    assert not twilio_confirms(body)


def test_twilio_confirms_what_it_found_by_itself():
    assert twilio_confirms("ALTO", "STOP")
