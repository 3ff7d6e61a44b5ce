"""How many examples a property of a pure rule is tried with: a hundred times as many as others.

10,000 in ``./run test``, a million with ``--hypothesis-profile=long``, 200 with ``--hypothesis-profile=quick``.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

pure = settings(
    max_examples=settings.default.max_examples * 100,
    suppress_health_check=[HealthCheck.too_slow],
    deadline=None,
)
