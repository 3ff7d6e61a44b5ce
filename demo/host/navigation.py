"""What the bar above every page shows: where one is and where one can go.

It is worked out when a template asks, from the page's address, so that it is right on the pages of
plugins, too.
"""

from __future__ import annotations

from functools import cached_property

from flask import Flask, request
from sqlalchemy import select

from demo.host import notices
from demo.host.access import caller, role_of, visit
from demo.host.database import db
from demo.host.models import Assistant, Membership, Role, Workspace


class Navigation:
    """Of one page."""

    @cached_property
    def caller_name(self) -> str | None:
        """Who is signed in."""
        who = caller()
        return who[1] if who else None

    @cached_property
    def memberships(self) -> list[Membership]:
        """The workspaces of whoever is signed in."""
        who = caller()
        if who is None:
            return []
        mine = select(Membership).where(Membership.person_id == who[0]).order_by(Membership.workspace_id)
        return list(db.session.scalars(mine))

    @cached_property
    def assistant(self) -> Assistant | None:
        """The assistant that the page is about."""
        if visit().assistant is not None:
            return visit().assistant
        assistant_id, who = (request.view_args or {}).get("assistant_id"), caller()
        if not assistant_id or who is None:
            return None
        assistant = db.session.get(Assistant, assistant_id)
        known = assistant is not None and role_of(who[0], assistant.workspace_id) is not None
        return assistant if known else None

    @cached_property
    def workspace(self) -> Workspace | None:
        """The workspace that the page is in."""
        if visit().workspace is not None:
            return visit().workspace
        if self.assistant is not None:
            return self.assistant.workspace
        return self.memberships[0].workspace if self.memberships else None

    @cached_property
    def role(self) -> Role | None:
        """The caller's role there."""
        who = caller()
        return role_of(who[0], self.workspace.id) if who and self.workspace else None

    @property
    def is_member(self) -> bool:
        """Whether the caller may read chats and contacts."""
        return self.role is not None and self.role.reaches(Role.MEMBER)

    @property
    def is_admin(self) -> bool:
        """Whether the caller may change things."""
        return self.role is not None and self.role.reaches(Role.ADMIN)

    @cached_property
    def unread(self) -> int:
        """Notices that nobody has read."""
        return notices.unread(db.session(), self.workspace.id) if self.workspace else 0

    @property
    def section(self) -> str:
        """Which link of the bar is the current one."""
        blueprint = request.blueprint or ""
        return blueprint if blueprint in ("chats", "contacts", "notices") else "assistants"

    @property
    def settings_page(self) -> str | None:
        """Which page of the assistant's settings this is; those of plugins belong to the channels."""
        if self.assistant is None:
            return None
        if request.blueprint != "assistants":
            return (
                "channels"
                if request.blueprint not in ("chats", "contacts", "workspaces", "notices", "api")
                else None
            )
        name = (request.endpoint or "").removeprefix("assistants.")
        pages = {"overview": None, "general": "general", "save_general": "general", "channels": "channels"}
        return pages.get(name, "knowledge")


def init_app(app: Flask) -> None:
    """Give every template ``navigation``."""
    app.context_processor(lambda: {"navigation": Navigation()})
