"""What the words of a question mean: text-message spelling, stop words, and words for the same thing."""

from __future__ import annotations

import re
from datetime import date, timedelta

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")

SPELLINGS = (
    (r"[’`]", "'"),
    (r" & ", " and "),
    (r"\bwi[- ]fi\b", "wifi"),
    (r"\be-mail", "email"),
    (r"\bu\b", "you"),
    (r"\bur\b", "your"),
    (r"\br\b", "are"),
    (r"\b(?:pls|plz)\b", "please"),
    (r"\b(?:thx|tnx|ty)\b", "thanks"),
    (r"\b(?:tmrw|tmr|tomorow|tommorow|tommorrow)\b", "tomorrow"),
    (r"\b(?:appt|appointement)\b", "appointment"),
    (r"\b(?:hrs)\b", "hours"),
    (r"\brn\b", "right now"),
    (r"\b(?:addr)\b", "address"),
    (r"\b(?:mon)\b", "monday"),
    (r"\b(?:tue|tues)\b", "tuesday"),
    (r"\b(?:wed|weds)\b", "wednesday"),
    (r"\b(?:thu|thur|thurs)\b", "thursday"),
    (r"\b(?:fri)\b", "friday"),
    (r"\b(?:sat)\b", "saturday"),
    (r"\b(?:sun)\b", "sunday"),
    (r"\bhow (?:much|expensive|pricey)\b", "price"),
    (r"\bhow (?:long|quick|quickly|fast|soon|many days)\b", "duration"),
    (r"\b(?:send|bring|give|take)(?: it| them| this| that| something)? back\b", "return"),
    (r"\bmoney back\b", "refund"),
    (r"\b(?:phone|your) number\b", "phone"),
    (
        r"\bwhere (?:are you|is (?:the|your|it|this)(?: (?:shop|store|office|place|showroom|workshop))?)(?: located)?\b",
        "address",
    ),
    (r"\b(?:not|n't|never) (?:yet )?(?:arrived?|come|received|here yet)\b", "track"),
    (r"\bwhere(?: is|'s|s) my (?:order|parcel|package|delivery|stuff)\b", "track my order"),
    (r"\bsign(?:ing)? in\b|\blog(?:ging)? ?in\b", "login"),
    (r"\bday(?:s)? off\b|\btime off\b", "vacation"),
    (r"\b(?:real|actual|live) person\b", "human"),
)
"""How people write in texts, and phrases that mean one word; applied in this order."""

STOP_WORDS = frozenset(
    """
    a about actually advise allow allowed after again all also always am an and any anybody anyone anything are aren't around as ask at
    away back be because been before being best better both but by can can't cannot come could couldn't currently day days dear did
    didn't do does doesn't doing don't done down either else even ever every everything exactly few find for forget forgot forgotten
    from further get gets getting give go going good gonna got great guys had has have haven't having he hello help her here
    hey hi hiya him his how however i i'd i'll i'm i've id if ill im in instead into is isn't it it's its ive just kind
    know last later let let's like little ll long look looking lot made make many may maybe me mean might mine more
    morning most much must my near need needed never new next no normally not now of off often oh ok okay on once one
    ones only or other our out over per perhaps please policy policies rules info information details recommend possible pm possibly question quick quickly re really right s
    same say see set shall she should show since so some somebody someone something soon sorry still such sure t take
    takes tell than thank thanks that that's the their them then there there's these they they're thing things think
    this those though through time times to today together too took two under until up upon us use
    used usually ve very via want wanna wants was wasn't way we we're well went were what what's whats when when's
    whenever where where's which while who who's why will wish with within without won't wonder wondering would wouldn't yeah
    yes yet you you're your youre yours afternoon evening
    """.split()  # noqa: SIM905 - a list of quoted words would be unreadable
)

SAME = (
    "open opens opening opened hours close closes closed closing",
    "price prices pricing cost costs fee fees charge charges rate quote estimate expensive cheap afford",
    "return returns returned returning refund exchange",
    "refund refunds refunded reimburse reimbursement return",
    "ship ships shipped shipping deliver delivers delivery delivered courier send post parcel package",
    "arrive arrives arrived arrival: delivery shipping duration",
    "park parking car garage",
    "contact phone call telephone reach email mail",
    "human agent representative staff operator manager talk speak contact phone",
    "address located location directions street situated",
    "direction directions address route bus subway train",
    "appointment appointments book booking schedule slot reserve reservation",
    "change changing reschedule rescheduling move postpone",
    "cancel cancelling canceling cancellation cancelled canceled",
    "pay paying payment payments card cards cash credit debit invoice",
    "warranty guarantee guaranteed covered coverage",
    "repair repairs repaired repairing fix fixed fixing broken broke mend service defective faulty damaged",
    "holiday holidays christmas thanksgiving easter xmas",
    "track tracking status tracked",
    "order orders ordered purchase",
    "gift gifts voucher vouchers present",
    "wheelchair accessible accessibility disabled disability ramp elevator step-free",
    "dog dogs pet pets animal animals",
    "discount discounts coupon promo deal deals sale offer",
    "password passwords login locked account passcode",
    "wifi wireless internet network",
    "printer printers print printing",
    "laptop laptops computer notebook macbook pc device",
    "vacation leave holiday pto absence",
    "expense expenses receipt receipts claim",
    "duration: days weeks minutes hours",
    "weekend weekends: saturday sunday",
    "weekday weekdays: monday tuesday wednesday thursday friday",
    "abroad international overseas canada europe country countries",
    "complaint complain complaints unhappy feedback",
    "demo demonstration trial tasting taste try test",
    "financing finance instalments installments leasing lease monthly",
    "plan plans package packages subscription tier",
)
"""Each line: words that ask for the same thing; where there is a colon, those before it stand for those after it."""


def normalise(text: str) -> str:
    """Lower case, and text-message spellings written out."""
    text = text.lower()
    for pattern, plain in SPELLINGS:
        text = re.sub(pattern, plain, text)
    return text


def words(text: str) -> list[str]:
    """The words of a normalised text, in order."""
    return WORD.findall(text)


def name_days(text: str, today: date) -> str:
    """Replace "today" and the like by the name of the day that is meant."""
    for pattern, ahead in (
        (r"\b(?:today|tonight|right now|now|currently|this evening)\b", 0),
        (r"\btomorrow\b", 1),
    ):
        text = re.sub(pattern, DAYS[(today + timedelta(days=ahead)).weekday()], text)
    return text


def content_words(text: str) -> list[str]:
    """The words that say what is asked for, each once."""
    plain = (word.removesuffix("'s") for word in words(text) if word not in STOP_WORDS)
    return list(dict.fromkeys(word for word in plain if len(word) > 1 or word.isdecimal()))


def same_meaning(word: str) -> list[str]:
    """Other words for the same thing."""
    found: dict[str, None] = {}
    for asked, meant in SAME_LINES:
        if word in asked:
            found.update(dict.fromkeys(meant))
    found.pop(word, None)
    return list(found)


def _line(line: str) -> tuple[frozenset[str], tuple[str, ...]]:
    asked, colon, meant = line.partition(":")
    return frozenset(asked.split()), tuple((meant if colon else asked).split())


SAME_LINES = tuple(_line(line) for line in SAME)
