"""Which driver the PostgreSQL variants of the tests use."""

from __future__ import annotations

import os

import pytest

DRIVER = os.environ.get("TEST_DATABASE_DRIVER", "psycopg")
prepares = pytest.mark.skipif(DRIVER != "psycopg", reason="only psycopg 3 prepares statements")
"""Of tests that ask for prepared statements, or for what is said of a pooler because of them."""
