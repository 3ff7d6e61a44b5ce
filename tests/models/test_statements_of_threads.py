"""Statements that a module builds once are read by all threads at the same time."""

from __future__ import annotations

import importlib
import pkgutil

from sqlalchemy.sql import ClauseElement, visitors
from sqlalchemy.sql.selectable import FromClause

import illumichat_sms_plugin


def test_their_subqueries_know_their_columns_before_the_first_thread_asks() -> None:
    """SQLAlchemy before 2.1 fills them in at the first use; a second thread meanwhile sees none and fails."""
    seen, unread = 0, set()
    for module in pkgutil.walk_packages(illumichat_sms_plugin.__path__, "illumichat_sms_plugin."):
        if ".migrations" in module.name or ".testing" in module.name:
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, ClauseElement):
                seen += 1
                parts = [part for part in visitors.iterate(value) if isinstance(part, FromClause)]
                if any("_columns" not in vars(part) for part in parts if _is_lazy(part)):
                    unread.add(f"{module.name}.{name}")
    assert seen > 20
    assert unread == set()


def _is_lazy(part: FromClause) -> bool:
    return part.__visit_name__ in {"alias", "subquery", "cte", "lateral"}
