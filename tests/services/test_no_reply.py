"""Every reason why a text got no answer has its words."""

from __future__ import annotations

import pytest

from illumichat_sms_plugin.models import NoReply
from illumichat_sms_plugin.services.no_reply import REASONS, explain_reason


@pytest.mark.parametrize("reason", sorted(set(NoReply) - {NoReply.TEST}))
def test_every_reason_that_is_counted_is_explained(reason: NoReply) -> None:
    words = explain_reason(reason.value)
    assert words is REASONS[reason]
    for sentence in (words.sentence, words.advice):
        assert sentence.endswith(".")


def test_an_unknown_reason_is_no_error() -> None:
    assert explain_reason("from the future").title == "Other reason"
