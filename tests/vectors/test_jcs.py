"""Canonical bytes as others see them: the test data of RFC 8785, and rfc8785 (PyPI) as oracle on the restricted model."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from qms import codec
from qms.codec import MAX_INT, decode, encode
from qms.errors import InvalidInput

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
KEYS = st.text(st.characters(max_codepoint=127), max_size=10)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INT, MAX_INT) | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


@pytest.fixture(scope="module", params=["orjson", "standard"])
def writer(request: pytest.FixtureRequest) -> Iterator[None]:
    """What writes the bytes: orjson, or the standard encoder where it is not installed."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "standard":
            patch.setitem(sys.modules, "orjson", None)
        codec.writer.cache_clear()
        yield
    codec.writer.cache_clear()


@pytest.mark.usefixtures("writer")
@given(VALUES)
def test_bytes_are_those_of_rfc_8785(value: Any) -> None:
    """On values without floats and with ASCII keys the encoder writes what an implementation of RFC 8785 writes."""
    assert rfc8785.dumps(value) == encode(value)


@given(VALUES)
def test_bytes_read_back_make_the_same_bytes(value: Any) -> None:
    """Decoding and encoding again changes nothing."""
    assert encode(value) == encode(decode(encode(value)))


@pytest.mark.parametrize("name", ["arrays", "unicode"])
def test_published_data_on_the_model(shared_data: Path, name: str) -> None:
    """Where the published input has no float and no key beyond ASCII, the bytes are the published ones."""
    folder = shared_data / "trail" / "jcs"
    expected = bytes.fromhex((folder / "outhex" / f"{name}.txt").read_text())
    assert expected == encode(decode((folder / "input" / f"{name}.json").read_bytes()))


@pytest.mark.parametrize(("name", "fault"), [("french", "péché"), ("weird", "ö"), ("structures", "float"), ("values", "float")])
def test_published_data_beyond_the_model(shared_data: Path, name: str, fault: str) -> None:
    """Where it has either, it is refused, never written another way."""
    value = json.loads((shared_data / "trail" / "jcs" / "input" / f"{name}.json").read_text(encoding="utf-8"))
    with pytest.raises(InvalidInput, match=fault):
        encode(value)
