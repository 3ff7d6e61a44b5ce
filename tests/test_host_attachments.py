"""Only a host that names the argument gets attachments."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from illumichat_sms_plugin.host_attachments import takes_attachments


def names_it(chat_id: str, message: Any, attachments: Any = ()) -> None: ...
def by_keyword(chat_id: str, message: Any, *, attachments: Any = ()) -> None: ...
def of_version_1(chat_id: str, message: Any) -> None: ...
def takes_anything(*args: Any, **kwargs: Any) -> None: ...


@pytest.mark.parametrize(
    ("append", "takes"),
    [(names_it, True), (by_keyword, True), (of_version_1, False), (takes_anything, False), (print, False)],
)
def test_the_argument_is_looked_for(append: Any, takes: bool) -> None:
    """A wrapper that takes anything passes it on to who knows what."""
    assert takes_attachments(SimpleNamespace(append=append)) is takes
