"""Do the limits protect the channel, and how far is it from them?"""

from __future__ import annotations

from decimal import Decimal

from illumichat_sms_plugin.in_words import cents
from illumichat_sms_plugin.languages.wording import joined, say
from illumichat_sms_plugin.runtime.host_call import host_call
from illumichat_sms_plugin.services.analytics.lately import THIRTY_DAYS, look_at_lately
from illumichat_sms_plugin.services.doctor.examination import Examination
from illumichat_sms_plugin.services.findings import SETTINGS, Action, Finding, ok, problem, unknown, warning
from illumichat_sms_plugin.services.pauses import LIMITS as PAUSING_LIMITS
from illumichat_sms_plugin.services.setup.channel_state import WHY_PAUSED
from illumichat_sms_plugin.services.setup.limit_advice import propose
from illumichat_sms_plugin.services.spending import SpendingLimits

WORTH_A_LIMIT = Decimal(1)
"""What has cost less in 30 days, in the account's currency, needs no limit in money."""
LIMITS = Action(say("Show the limits"), "page", "limits")
BY_OPERATORS = ("all", "operator")


def limits_set(exam: Examination) -> Finding:
    """Sending is not paused, no limit is close, and one in money is set where texts cost something."""
    settings = exam.settings
    if settings.id is None or not settings.is_connected:
        return unknown(say("SMS is not connected."))
    if settings.pause is not None:
        return _paused(settings.pause.reason)
    close = [
        say("{limit}: {used}.", limit=used.label, used=used.sentence)
        for used in settings.used
        if used.is_close
    ]
    if close:
        return warning(
            joined(" ", [*close, say("When all of it is used, the channel pauses itself.")]),
            say("Look at the sessions that were texted last. If it is real traffic, set a higher limit."),
            LIMITS,
        )
    if not SpendingLimits.of(exam.runtime.settings, settings.options).limits_money:
        without = _without_a_limit(exam)
        if without is not None:
            return without
    return ok(
        joined(" ", (say("{limit}: {used}.", limit=used.label, used=used.sentence) for used in settings.used))
    )


def _paused(reason: str) -> Finding:
    if reason in BY_OPERATORS:
        fix = say("Ask an operator: only an operator can start it again.")
    elif reason in PAUSING_LIMITS:
        fix = say(
            "Look at the sessions that were texted last. If it is real traffic, set a higher limit and press "
            "Resume."
        )
    else:
        fix = say("Press Resume.")
    return problem(say("{why} Texts are recorded and not answered.", why=WHY_PAUSED[reason]), fix, LIMITS)


def _without_a_limit(exam: Examination) -> Finding | None:
    with host_call():
        assistant = exam.runtime.host.assistants.find(exam.assistant_id)
    if assistant is None:
        return None
    proposal = propose(exam.settings.options, look_at_lately(exam.runtime, assistant).thirty_days)
    if proposal is None or proposal.spent < WORTH_A_LIMIT:
        return None
    currency = proposal.currency
    return warning(
        say(
            "No limit in money is set, and the last {days} days cost {spent} {currency}.",
            days=THIRTY_DAYS,
            spent=cents(proposal.spent),
            currency=currency,
        ),
        say(
            "Set one: {per_day} {currency} a day and {per_month} {currency} a month leave room for what is usual.",
            per_day=cents(proposal.per_day),
            currency=currency,
            per_month=cents(proposal.per_month),
        ),
        SETTINGS,
    )
