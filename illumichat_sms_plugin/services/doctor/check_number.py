"""Is the number ours and able, and do its texts come to us?"""

from __future__ import annotations

from urllib.parse import urlsplit

from illumichat_sms_plugin.errors import TwilioError
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.services.doctor.examination import Examination, NotConnected
from illumichat_sms_plugin.services.findings import (
    WEBHOOK,
    Action,
    Finding,
    ok,
    problem,
    unknown,
    warning,
)
from illumichat_sms_plugin.services.setup.account_findings import not_owned, number_finding, override_finding
from illumichat_sms_plugin.services.setup.webhook_target import (
    RETRY_RULES,
    Target,
    TargetKind,
    judge_target,
)
from illumichat_sms_plugin.twilio_gateway.messaging_services import MessagingService
from illumichat_sms_plugin.twilio_gateway.values import OwnedNumber

SET_WEBHOOK = Action(say("Set the webhook"), "fix", "set-webhook")
NUMBERS = Action(
    say("Active Numbers at Twilio"), "external", "https://console.twilio.com/us1/develop/phone-numbers"
)
SERVICES = Action(
    say("Messaging Services at Twilio"), "external", "https://console.twilio.com/us1/develop/sms/services"
)


class NumberUnknown(Exception):  # noqa: N818 - ends a check with what it holds
    """Twilio did not show us the number; ``check`` says why."""

    def __init__(self, check: Finding) -> None:
        self.check = check


def number_able(exam: Examination) -> Finding:
    """The account owns the number, and it can do SMS."""
    try:
        number = _shown_number(exam)
    except NumberUnknown as ended:
        return ended.check
    return number_finding(number.phone_number, sms=number.sms)


def webhook_url(exam: Examination) -> Finding:
    """The number's webhook is exactly ours."""
    try:
        number = _shown_number(exam)
    except NumberUnknown as ended:
        return _elsewhere(ended.check)
    expected = exam.runtime.settings.webhook_url(exam.assistant_id)
    target = judge_target(number, _service(exam), expected)
    if target.kind in (TargetKind.APPLICATION, TargetKind.SERVICE):
        return unknown(say("The number's own webhook counts for nothing, see “Webhook not overridden”."))
    if target.service is not None:
        return ok(target.sentence) if target.is_right else warning(target.sentence, target.do, SERVICES)
    if target.kind is TargetKind.OURS_UNRETRIED:
        return warning(
            target.sentence,
            say("Put {expected}{rules} there, or press the button.", expected=expected, rules=RETRY_RULES),
            SET_WEBHOOK,
        )
    if _bare_url(number) == expected:
        return ok(say("The number's webhook is {expected}.", expected=expected))
    return _wrong_target(target, number, expected)


def _wrong_target(target: Target, number: OwnedNumber, expected: str) -> Finding:
    if target.kind is TargetKind.ALMOST_OURS:
        return problem(
            _difference(_bare_url(number), expected),
            say("It must be {expected}{rules} and nothing else.", expected=expected, rules=RETRY_RULES),
            SET_WEBHOOK,
        )
    if target.kind is TargetKind.NOWHERE:
        fix = say(
            "Put {expected}{rules} into “A message comes in” of the number, or press the button.",
            expected=expected,
            rules=RETRY_RULES,
        )
        return problem(target.sentence, fix, SET_WEBHOOK)
    fix = say(
        "If the number is meant for this assistant, set the webhook; you are asked before it is replaced."
    )
    return problem(target.sentence, fix, WEBHOOK)


def webhook_fallback(exam: Examination) -> Finding:
    """No other service answers texters while we cannot."""
    try:
        number = _shown_number(exam)
    except NumberUnknown as ended:
        return _elsewhere(ended.check)
    target = judge_target(number, _service(exam), exam.runtime.settings.webhook_url(exam.assistant_id))
    if target.fallback_url is None:
        return ok(say("No other address answers when the webhook fails."))
    return warning(
        say(
            "When the webhook fails, Twilio turns to {address}, and what that says is texted to the sender.",
            address=target.fallback_url,
        ),
        say(
            "Empty “Primary handler fails” in the number's Messaging section, unless that is meant to answer. "
            "Texts that we missed are fetched and answered by themselves."
        ),
        NUMBERS,
    )


def webhook_method(exam: Examination) -> Finding:
    """Twilio calls us by POST."""
    try:
        number = _shown_number(exam)
    except NumberUnknown as ended:
        return _elsewhere(ended.check)
    service = _service(exam)
    if service is not None and not service.uses_number_url:
        return ok(say("A Messaging Service calls the webhook, see “Webhook not overridden”."))
    method = (number.sms_method or "POST").upper()
    if method != "POST":
        return problem(
            say("The number's webhook is called with HTTP {method}, which we refuse.", method=method),
            say("Choose HTTP POST beside the webhook URL, or let us set it."),
            SET_WEBHOOK,
        )
    return ok(say("The webhook is called with HTTP POST."))


def webhook_not_overridden(exam: Examination) -> Finding:
    """Neither a TwiML app nor a Messaging Service takes the texts away."""
    try:
        number = _shown_number(exam)
    except NumberUnknown as ended:
        return _elsewhere(ended.check)
    try:
        service = exam.service.get()
    except TwilioError as error:
        return unknown(say("Twilio could not be asked about Messaging Services: {error}", error=error))
    target = judge_target(number, service, exam.runtime.settings.webhook_url(exam.assistant_id))
    if overridden := override_finding(target):
        return overridden
    if target.service is not None:
        return ok(
            say(
                "The Messaging Service “{service}” brings the texts of this number to this assistant.",
                service=target.service,
            )
        )
    if service is not None:
        return ok(
            say(
                "The number is in the Messaging Service “{service}”, which leaves texts to its webhook.",
                service=service.name,
            )
        )
    return ok(say("No TwiML app and no Messaging Service stands in between."))


def _service(exam: Examination) -> MessagingService | None:
    """The service that the number is in; None also while Twilio cannot be asked, which another check says."""
    try:
        return exam.service.get()
    except TwilioError:
        return None


def _shown_number(exam: Examination) -> OwnedNumber:
    try:
        number = exam.number.get()
    except NotConnected as error:
        raise NumberUnknown(unknown(str(error))) from None
    except TwilioError as error:
        raise NumberUnknown(
            unknown(say("Twilio could not be asked: {error}", error=error), say("See “Account”."))
        ) from None
    if number is None:
        raise NumberUnknown(not_owned(str(exam.settings.phone_number)))
    return number


def _elsewhere(check: Finding) -> Finding:
    """What another check says already is not said twice."""
    return unknown(say("The number could not be looked at."), say("See “Number”.")) if check.fix else check


def _bare_url(number: OwnedNumber) -> str:
    """The webhook without Twilio's connection overrides."""
    return (number.sms_url or "").partition("#")[0]


def _difference(url: str, expected: str) -> str:
    """What is different between the webhook and ours, in words."""
    if url.rstrip("/") == expected:
        return say("The webhook URL ends with a slash. Such an address does not exist here (404).")
    if urlsplit(url).scheme == "http" and expected.startswith("https:"):
        return say("The webhook URL uses http and not HTTPS.")
    if "?" in url:
        return say("The webhook URL has something after a question mark that does not belong there.")
    return say("The webhook URL is written differently from ours, so Twilio's signature does not match.")
