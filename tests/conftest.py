"""What all tests share: outside data, and how hard hypothesis looks."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_calm = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
settings.register_profile("dev", deadline=None, max_examples=50, suppress_health_check=_calm)
settings.register_profile("ci", deadline=None, max_examples=100, derandomize=True, print_blob=True, suppress_health_check=_calm)
settings.register_profile(
    "quick", deadline=None, max_examples=15, derandomize=True, print_blob=True, suppress_health_check=_calm
)
settings.register_profile("deep", deadline=None, max_examples=2_000, suppress_health_check=_calm)
settings.load_profile(os.environ.get("QMS_HYPOTHESIS", "ci" if os.environ.get("CI") == "true" else "dev"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The outside data, which the repository does not hold: QMS_SHARED_DATA, or ../shared/data beside the checkout.

    Where it is absent a test is skipped, visibly; on CI that is a failure.
    """
    named = os.environ.get("QMS_SHARED_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        why = f"no outside data at {folder}; name its folder in QMS_SHARED_DATA"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    return folder


@pytest.fixture
def postgres_url() -> str:
    """A PostgreSQL database that tests may write to: QMS_POSTGRES_URL."""
    url = os.environ.get("QMS_POSTGRES_URL")
    if not url and os.environ.get("CI") == "true":
        pytest.fail("no PostgreSQL named in QMS_POSTGRES_URL")
    if not url:
        pytest.skip("no PostgreSQL named in QMS_POSTGRES_URL")
    return url


@pytest.fixture
def postgres_log(postgres_url: str) -> Iterator[str]:
    """The address of a log that is not there yet, in a schema of its own, dropped afterwards; its connections bear that name."""
    psycopg = pytest.importorskip("psycopg")
    schema = f"t_{secrets.token_hex(6)}"
    yield f"{postgres_url}{'&' if '?' in postgres_url else '?'}application_name={schema}#{schema}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        for (role,) in connection.execute("SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)", (schema,)).fetchall():
            connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
