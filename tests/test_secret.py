"""A wrapped secret shows itself to nobody who does not ask for it by name."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import re
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.secret import DOTS, Secret

TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


@dataclasses.dataclass(frozen=True)
class Holder:
    token: Secret


@given(st.text(min_size=1))
def test_only_reveal_gives_the_text_back(text: str) -> None:
    secret = Secret(text)
    assert secret.reveal() == text
    assert {repr(secret), str(secret), f"{secret}", f"{secret:>40}", f"{secret!r}"} == {DOTS}


@pytest.mark.parametrize(
    "show",
    [
        lambda secret: repr([secret, {"token": secret}]),
        lambda secret: repr(Holder(secret)),
        lambda secret: repr(vars(Holder(secret))),
        lambda secret: str(ValueError(secret)),
        lambda secret: str(dir(secret)),
        lambda secret: str(dataclasses.asdict(Holder(secret))),
        lambda secret: repr(copy.deepcopy(secret)),
    ],
)
def test_whatever_holds_one_shows_dots(show: object) -> None:
    assert TOKEN not in show(Secret(TOKEN))  # type: ignore[operator]


def test_a_traceback_with_local_variables_shows_dots() -> None:
    def fail(token: Secret) -> None:
        raise ValueError(f"{token} is wrong")

    with pytest.raises(ValueError, match="is wrong") as failed:
        fail(Secret(TOKEN))
    told = traceback.TracebackException.from_exception(failed.value, capture_locals=True)
    inner = [frame for frame in told.stack if frame.name == "fail"]
    assert inner[0].locals == {"token": DOTS}
    assert TOKEN not in str(failed.value)


def test_it_goes_neither_into_json_nor_into_a_pickle() -> None:
    with pytest.raises(TypeError):
        json.dumps({"token": Secret(TOKEN)})
    with pytest.raises(TypeError):
        pickle.dumps(Secret(TOKEN))


def test_two_with_the_same_text_are_equal_and_a_plain_string_is_none() -> None:
    assert Secret(TOKEN) == Secret(TOKEN)
    assert hash(Secret(TOKEN)) == hash(Secret(TOKEN))
    assert Secret(TOKEN) != Secret(TOKEN[:-1])
    assert Secret(TOKEN) != TOKEN
    assert Secret("\ud800") != Secret("é")


def test_it_can_be_checked_without_being_revealed() -> None:
    assert not Secret("")
    assert Secret(" ")
    assert len(Secret(TOKEN)) == 32
    assert Secret(f" {TOKEN}\n").stripped() == Secret(TOKEN)
    assert Secret(TOKEN).matches(re.compile("[0-9a-f]{32}"))
    assert not Secret(TOKEN + "\n").matches(re.compile("[0-9a-f]{32}"))
