"""The parts of a host, ids and addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from illumichat_sms_plugin.conformance.trial import Trial, broken, new_key, not_tried, says_nothing
from illumichat_sms_plugin.contract import EXTRAS, has_pages, members_of, missing_from
from illumichat_sms_plugin.host import CONTRACT_VERSION, Assistant, NoticeKind, offered, version_of

ADDRESS = re.compile(r"(/(?!/)|https?://)\S*")
ID = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@-]{1,64}")
NOBODY = "trial-no-such-assistant"
NAMES = {"layout": "the name of a template", "support_url": "an address"}
"""Parts of ``pages`` that are strings."""


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
    for part in ("chats", "contacts"):
        for member in members_of(EXTRAS[part]):
            found = offered(getattr(host, part), member)
            if found is not None and not callable(found):
                broken("optional", f"{part}.{member} cannot be called")
    if not is_scheme(offered(host.access, "security_scheme")):
        broken("optional", "access.security_scheme is no security scheme of OpenAPI")
    if not has_pages(host):
        return
    pages = offered(host, "pages")
    for member in members_of(EXTRAS["pages"]):
        found = offered(pages, member)
        if member in NAMES and not isinstance(found, str | None):
            broken("optional", f"pages.{member} is not {NAMES[member]}")
        if member not in (*NAMES, "csp") and found is not None and not callable(found):
            broken("optional", f"pages.{member} cannot be called")


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
    host, workspace, chat = trial.host, trial.assistant.workspace.id, trial.new_chat()
    with trial.call():
        contact = host.contacts.create(workspace, number=trial.number, source="sms", key=new_key())
    with trial.app.test_request_context():
        given = {"chats.url": host.chats.url(chat), "contacts.url": host.contacts.url(contact.id)}
        if has_pages(host):
            pages, access = offered(host, "pages"), host.access
            given["access.sign_in_url"] = offered(access, "sign_in_url")("/sms/x")
            if offered(pages, "channels_url") is not None:
                given["pages.channels_url"] = pages.channels_url(trial.assistant_id)
    for method, url in given.items():
        if not isinstance(url, str) or not ADDRESS.fullmatch(url):
            broken("addresses", f"{method} gave {url!r}, which is no address such as /chats/1")
