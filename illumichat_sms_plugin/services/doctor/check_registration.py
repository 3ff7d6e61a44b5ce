"""Do carriers in the US take what the number sends?"""

from __future__ import annotations

from illumichat_sms_plugin.errors import TwilioError
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.services.doctor.examination import Examination, NotConnected
from illumichat_sms_plugin.services.findings import Finding, unknown
from illumichat_sms_plugin.services.setup.registration import registration_finding, registration_or_unknown


def registered(exam: Examination) -> Finding:
    """A local number of the US is in an approved campaign, a toll-free one is verified."""
    try:
        number = exam.number.get()
    except NotConnected as error:
        return unknown(str(error))
    except TwilioError:
        number = None
    if number is None:
        return unknown(say("The number could not be looked at."), say("See “Number”."))
    return registration_or_unknown(lambda: registration_finding(exam.client(), number))
