"""What a host forgets with a texter, where it can: chats and a contact."""

from __future__ import annotations

from illumichat_sms_plugin.conformance.rules_of_chats import message
from illumichat_sms_plugin.conformance.trial import Trial, broken, new_key, says_nothing, well
from illumichat_sms_plugin.host import ChatGone, offered


def erasing(trial: Trial) -> None:
    """What the host erases with a texter is gone, and asking twice does no harm."""
    erase, forget = offered(trial.host.chats, "erase"), offered(trial.host.contacts, "forget")
    if erase is None and forget is None:
        says_nothing("the host has neither chats.erase nor contacts.forget")
    if erase is not None:
        _erases_a_chat(trial)
    if forget is not None:
        _forgets_a_contact(trial)


def _erases_a_chat(trial: Trial) -> None:
    chat = trial.new_chat()
    with trial.call() as host:
        host.chats.append(chat, message("Forget me", "m1"))
    for _ in range(2):
        with trial.call() as host:
            kept = well("erasing", "chats.erase", offered(host.chats, "erase"), chat)
        if kept is False:
            return
    with trial.call() as host:
        try:
            host.chats.append(chat, message("to nobody", "m2"))
        except ChatGone:
            return
    broken("erasing", "chats.append to an erased chat did not raise ChatGone")


def _forgets_a_contact(trial: Trial) -> None:
    workspace, number = trial.assistant.workspace.id, trial.new_number()
    with trial.call() as host:
        made = host.contacts.create(workspace, number=number, source="sms", key=new_key())
    for _ in range(2):
        with trial.call() as host:
            kept = well("erasing", "contacts.forget", offered(host.contacts, "forget"), made.id)
        if kept is False:
            return
    with trial.call() as host:
        got = well("erasing", "contacts.get", host.contacts.get, workspace, [made.id])
    if got:
        broken("erasing", "contacts.get gave a contact that contacts.forget had deleted")
