"""Machine text never reaches a texter, and what somebody says is never taken for it."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from illumichat_sms_plugin.text.machine.machine_text import without_machine_text
from illumichat_sms_plugin.text.reply_text import fit_for_sms
from tests.support.cpu_time import cpu_seconds
from tests.support.examples import pure

ANSWER = "We are open 9 to 5."
prose = st.text(st.sampled_from("abc .,!?\n*_#-1é重"), max_size=80)
thoughts = st.text(st.sampled_from("abc .,!?\n{}\"'<>|`1") | st.characters(), max_size=80)
OPENED = ("<think>", "<thinking>", "<reasoning>", "<THINK>", '<think id="1">', "\n <thought>")
CLOSED = ("</think>", "</thinking>", "</reasoning>", "</THINK>")


def test_reasoning_longer_than_any_answer_pushes_nothing_out():
    for size in (13_000, 90_000):
        assert fit_for_sms(f"<think>{'Let me see. ' * (size // 12)}</think>{ANSWER}", 1600) == ANSWER
        assert fit_for_sms(f"{'Let me see. ' * (size // 12)}</think>\n{ANSWER}", 1600) == ANSWER


@pure
@given(st.sampled_from(OPENED), thoughts, st.sampled_from(CLOSED), prose)
def test_a_leading_block_of_reasoning_goes_whatever_is_in_it(
    opened: str, thought: str, closed: str, answer: str
):
    assume("</" not in thought and "◁" not in thought and "[/" not in thought)
    assert without_machine_text(f"{opened}{thought}{closed}{answer}") == answer.strip()


@given(thoughts, st.sampled_from(CLOSED), prose)
def test_a_block_that_nothing_opened_goes_too(thought: str, closed: str, answer: str):
    assume(not set("<[`◁") & set(thought))
    assert without_machine_text(f"{thought}.\n{closed}\n{answer}") == answer.strip()


@given(st.text(max_size=120))
def test_what_has_no_mark_of_a_machine_stays_as_it_is(answer: str):
    assume(not set("<[【:{`｜") & set(answer) and "cite" not in answer)
    assume(all(not "\ue000" <= char <= "\uf8ff" and char < "\U000f0000" for char in answer))
    assert without_machine_text(answer) == answer.strip()


@given(
    st.text(
        st.sampled_from('<>/|[]{}【】†:"`\n think invoke tool_call|im_end|cite:a1') | st.characters(),
        max_size=200,
    )
)
def test_any_text_is_read_and_reading_it_twice_changes_no_letter_order(answer: str):
    once = without_machine_text(answer)
    rest = iter(answer)
    assert all(char in rest for char in once if not char.isspace())


@pytest.mark.parametrize(
    "pattern",
    [
        "<think>",
        "</think>",
        "<think></think>",
        "<|a|>",
        "<|end|>\n",
        "`<|a|>",
        "<tool_call>{",
        "[TOOL_CALLS] [",
        "【4†a】",
        "<|channel|>final<|message|>",
        "\ue200",
        " <invoke",
        "<answer>",
        "```</think>\n",
        "{",
        "[cite:",
        "[",
        " ",
    ],
)
def test_text_made_to_be_slow_is_not(pattern: str):
    assert cpu_seconds(lambda: without_machine_text(pattern * 100_000)) < 1
    assert cpu_seconds(lambda: without_machine_text("a " + pattern * 100_000)) < 1
