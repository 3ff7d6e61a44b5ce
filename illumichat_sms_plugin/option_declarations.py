"""Options are declared as fields of a dataclass, and read back from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from illumichat_sms_plugin.option_kinds import Option
from illumichat_sms_plugin.option_places import Audience


def declare(default: Any, option: Option) -> Any:
    """A field with this default, and what the option is."""
    return field(default=default, metadata={"option": option})


def options_of(cls: type) -> Mapping[str, Option]:
    """The options among the fields of a dataclass, by name and in their order."""
    return {
        item.name: dataclasses.replace(item.metadata["option"], name=item.name, default=item.default)
        for item in dataclasses.fields(cls)
        if "option" in item.metadata
    }


def for_admins(options: Mapping[str, Option]) -> Mapping[str, Option]:
    """Those of ``options`` that a workspace's admins see and change."""
    return {name: option for name, option in options.items() if option.seen_by is Audience.ADMINS}
