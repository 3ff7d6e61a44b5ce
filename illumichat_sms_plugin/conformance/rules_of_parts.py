"""The parts of a host, ids and addresses."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from illumichat_sms_plugin.conformance.requests_to_host import public_url
from illumichat_sms_plugin.conformance.rules_of_pages import VALUES, values_of_pages
from illumichat_sms_plugin.conformance.trial import Trial, broken, new_key, not_tried, says_nothing
from illumichat_sms_plugin.contract import EXTRAS, EXTRAS_OF_HOST, has_pages, members_of, missing_from
from illumichat_sms_plugin.host import CONTRACT_VERSION, TEXTERS, Assistant, NoticeKind, offered, version_of

ADDRESS = re.compile(r"(/(?!/)|https?://)\S*")
ID = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@-]{1,64}")
NOBODY = "trial-no-such-assistant"
NO_METHODS = {("access", "security_scheme"), *(("pages", name) for name in VALUES)}
"""What is optional and no method."""


SCHEMES: Mapping[str, frozenset[str]] = {
    "apiKey": frozenset({"name", "in"}),
    "http": frozenset({"scheme"}),
    "oauth2": frozenset({"flows"}),
    "openIdConnect": frozenset({"openIdConnectUrl"}),
    "mutualTLS": frozenset(),
}
"""What a security scheme of each type must say."""


def parts(trial: Trial) -> None:
    """Nothing is missing, and what is there can be called."""
    host = trial.host
    if missing := missing_from(host):
        broken("parts", f"the host lacks {', '.join(missing)}")


def optional(trial: Trial) -> None:
    """What is optional is right where it is there."""
    host = trial.host
    if not 1 <= version_of(host) <= CONTRACT_VERSION:
        broken(
            "optional",
            f"contract_version is {version_of(host)}, and this plugin knows 1 to {CONTRACT_VERSION}",
        )
    if version_of(host) >= TEXTERS and not _takes(host.chats.open, "contact"):
        broken("optional", f"chats.open lacks contact=, and contract_version is {version_of(host)}")
    for part, protocol in EXTRAS.items():
        for member in members_of(protocol):
            if (part, member) not in NO_METHODS:
                _can_be_called(getattr(host, part, None), member, f"{part}.{member}")
    for member in members_of(EXTRAS_OF_HOST):
        _can_be_called(host, member, member)
    if not is_scheme(offered(host.access, "security_scheme")):
        broken("optional", "access.security_scheme is no security scheme of OpenAPI")
    if has_pages(host):
        values_of_pages(trial)


def _can_be_called(part: object, member: str, name: str) -> None:
    if (found := offered(part, member)) is not None and not callable(found):
        broken("optional", f"{name} cannot be called")


def _takes(method: Callable[..., Any], argument: str) -> bool:
    """Whether it has such an argument, or takes any; True as well where Python cannot tell."""
    try:
        arguments = inspect.signature(method).parameters
    except (TypeError, ValueError):
        return True
    return argument in arguments or any(one.kind is one.VAR_KEYWORD for one in arguments.values())


def is_scheme(found: object) -> bool:
    """Whether this is None, or a security scheme of OpenAPI 3.1."""
    if found is None:
        return True
    if not isinstance(found, Mapping) or str(found.get("type")) not in SCHEMES:
        return False
    return SCHEMES[found["type"]] <= found.keys()


def notices(trial: Trial) -> None:
    """What is told twice with one key is told once; and every kind is taken, also one that comes later."""
    if offered(trial.host, "notices") is None:
        says_nothing("the host has no notices")
    sentence = f"A trial: {new_key()}"
    kinds = [*map(str, NoticeKind), "of_a_later_version"]
    for kind, key in [(kind, new_key()) for kind in kinds for _ in range(2)]:
        said = {"kind": kind, "sentence": sentence, "url": "https://example.com/sms/1", "key": key}
        for _ in range(2):
            with trial.call() as host:
                try:
                    where = trial.assistant.workspace.id, trial.assistant_id
                    offered(host, "notices").notify(*where, **said)
                except Exception as error:  # noqa: BLE001 - whatever the host raises is what it is tried for
                    broken(
                        "notices",
                        f"notices.notify raised {type(error).__name__} for the kind {kind}: {error}",
                    )
    if trial.told is None:
        not_tried("told")
    if (times := list(trial.told()).count(sentence)) != 2 * len(kinds):
        broken("notices", f"{2 * len(kinds)} notices, each said twice with its key, were told {times} times")


def ids(trial: Trial) -> None:
    """An assistant is found by its id, and only then."""
    assistant = trial.assistant
    if not isinstance(assistant, Assistant):
        broken("ids", f"assistants.find returned {type(assistant).__name__}, not Assistant")
    if str(assistant.id) != trial.assistant_id:
        broken("ids", f"assistants.find({trial.assistant_id!r}) returned the assistant {assistant.id!r}")
    if not ID.fullmatch(str(assistant.id)):
        broken("ids", f"the assistant's id {assistant.id!r} cannot stand in an address")
    with trial.call() as host:
        if host.assistants.find(NOBODY) is not None:
            broken("ids", "assistants.find found an assistant that does not exist")
    zone = assistant.workspace.timezone
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        broken("ids", f"the workspace's timezone {zone!r} is no IANA name such as Europe/Berlin")


def addresses(trial: Trial) -> None:
    """Whatever is asked for the address of something gives one."""
    host, workspace, number = trial.host, trial.assistant.workspace.id, trial.new_number()
    with trial.call():
        contact = host.contacts.create(workspace, number=number, source="sms", key=new_key())
    chat = trial.new_chat(contact)
    with trial.app.test_request_context(base_url=public_url(trial.app)):
        given = {"chats.url": host.chats.url(chat), "contacts.url": host.contacts.url(contact.id)}
        if has_pages(host):
            pages, access = offered(host, "pages"), host.access
            given["access.sign_in_url"] = offered(access, "sign_in_url")("/sms/x")
            if offered(pages, "channels_url") is not None:
                given["pages.channels_url"] = pages.channels_url(trial.assistant_id)
    for method, url in given.items():
        if not isinstance(url, str) or not ADDRESS.fullmatch(url):
            broken("addresses", f"{method} gave {url!r}, which is no address such as /chats/1")
