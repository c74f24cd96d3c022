"""The public API is pinned: what users see changes only on purpose."""

from __future__ import annotations

import sys
from difflib import unified_diff
from pathlib import Path

import pytest

for extra in ("typer", "rich", "hypothesis"):
    pytest.importorskip(extra)

import api  # noqa: E402  (after the extras it needs)


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="signatures are written a little differently by each version")
def test_the_public_api_is_the_pinned_one():
    """`tests/api.txt` tells every exported name; `make api` takes in a change made on purpose."""
    pinned = (Path(__file__).parent.parent / "api.txt").read_text(encoding="utf-8").splitlines()
    assert [] == list(unified_diff(pinned, list(api.lines()), "pinned", "now", n=0, lineterm=""))
