"""Who may come in: the first line of every page and of every JSON route.

A stranger is asked to sign in. A person without a role in the assistant's workspace gets the same response
as for an assistant that does not exist. Guests may not see texts, members may look and not change.
"""

from __future__ import annotations

from dataclasses import dataclass

from illumichat_sms_plugin.errors import Forbidden, NotFound, Unauthorized
from illumichat_sms_plugin.host import Assistant, Person, Role
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.channels import is_possible_id
from illumichat_sms_plugin.services.sessions.session_view import Viewer

MANAGERS = frozenset({Role.OWNER, Role.ADMIN})
NO_SUCH_ASSISTANT = say("There is no such assistant.")


@dataclass(frozen=True, slots=True)
class Visit:
    """Who has come in, and where."""

    assistant: Assistant
    person: Person
    role: Role

    @property
    def may_manage(self) -> bool:
        """Owner or admin: may change things and see whole phone numbers."""
        return self.role in MANAGERS


def visit_page(assistant_id: str, *, manage: bool) -> Visit:
    """Let the caller in to a page, or raise Unauthorized, NotFound or Forbidden.

    With ``manage`` only owner and admin come in, without it members too.
    """
    return _visit(assistant_id, manage=manage)


def visit_api(assistant_id: str, *, manage: bool) -> Visit:
    """The same for a JSON route; a page and its JSON never differ in who may see them."""
    return _visit(assistant_id, manage=manage)


def find_visit(assistant_id: str) -> Visit | None:
    """The caller's visit without a judgement, None for a stranger or somebody of another workspace."""
    host = current_runtime().host
    person = host.access.caller()
    assistant = host.assistants.find(assistant_id) if person and is_possible_id(assistant_id) else None
    if person is None or assistant is None:
        return None
    role = host.access.role(person, assistant.workspace.id)
    return Visit(assistant, person, role) if role is not None else None


def viewer_of(visit: Visit) -> Viewer:
    """What the visitor may see."""
    return Viewer(visit.assistant.workspace.id, full=visit.may_manage)


def _visit(assistant_id: str, *, manage: bool) -> Visit:
    if current_runtime().host.access.caller() is None:
        raise Unauthorized(say("Sign in first."))
    visit = find_visit(assistant_id)
    if visit is None:
        raise NotFound(NO_SUCH_ASSISTANT)
    if visit.role is Role.GUEST:
        raise Forbidden(
            say("Guests of a workspace cannot see its text messages. Ask an admin for another role.")
        )
    if manage and not visit.may_manage:
        raise Forbidden(say("Only owners and admins of the workspace can do this."))
    return visit
