"""The public API as text, one name a line: ``make api`` writes it anew into `tests/api.txt`.

A change of `api.txt` in a diff is a change that users can see: it wants a changelog fragment.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import qms


def lines() -> Iterator[str]:
    """What `import qms` gives, with signatures and members; then the names that each module exports."""
    for each in sorted(qms.__all__):
        yield from _told(f"qms.{each}", getattr(qms, each))
    found = [module.name for module in walk_packages(qms.__path__, "qms.")]
    for name in sorted(found):
        if not any(part.startswith("_") for part in name.split(".")):
            yield from (f"{name}.{each}" for each in sorted(import_module(name).__all__))


def _told(name: str, value: Any) -> Iterator[str]:
    if inspect.isclass(value):
        yield f"{name}{_signature(value)}"
        for member, raw in sorted(vars(value).items()):
            if not member.startswith("_"):
                yield f"{name}.{member}{_member(raw)}"
    elif callable(value):
        yield f"{name}{_signature(value)}"
    else:
        yield f"{name}: {type(value).__name__}"


def _member(raw: Any) -> str:
    if isinstance(raw, (classmethod, staticmethod)):
        return f"{_signature(raw.__func__)} [{type(raw).__name__}]"
    return _signature(raw) if inspect.isfunction(raw) else ""


def _signature(value: Any) -> str:
    try:
        told = str(inspect.signature(value))
    except (TypeError, ValueError):
        return ""
    return told if " at 0x" not in told else "(...)"


if __name__ == "__main__":
    print(*lines(), sep="\n")
