"""What changed between two definitions, for people: which steps, actions, limits and words, from what to what.

Rule 1: everything that differs is told, each once, at its path; what is the same is not.
Rule 2: order of keys and of names in a list says nothing, but for the first value of an axis, which a case starts with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from .process import Procedure, Process

__all__ = ["Change", "diff"]

_WORDS: Final = {
    "en": {"added": "new", "removed": "gone", "changed": "{before} → {after}"},
    "vi": {"added": "thêm", "removed": "bỏ", "changed": "{before} → {after}"},
}
_KINDS: Final = {
    "vi": {
        "steps": "bước",
        "actions": "thao tác",
        "roles": "vai trò",
        "limits": "thời hạn",
        "blanks": "khoản thủ tục quy định",
        "phases": "giai đoạn",
        "dates": "ngày",
        "axes": "trục",
        "inputs": "đầu vào",
        "outputs": "đầu ra",
        "criteria": "tiêu chí",
        "risks": "rủi ro",
        "indicators": "chỉ số",
    },
    "en": {
        "steps": "step",
        "actions": "action",
        "roles": "role",
        "limits": "limit",
        "blanks": "blank",
        "phases": "phase",
        "dates": "date",
        "axes": "axis",
        "inputs": "input",
        "outputs": "output",
        "criteria": "criterion",
        "risks": "risk",
        "indicators": "indicator",
    },
}


@frozen
class Change:
    """One difference: its *path* (``actions.sign.roles``), and what stood there *before* and stands there *after* (None: nothing)."""

    path: str
    before: Any
    after: Any
    names: tuple[str, ...] = ()
    """The titles of the part it belongs to: in English, in Vietnamese."""

    @property
    def kind(self) -> str:
        """``added``, ``removed`` or ``changed``."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    def text(self, language: str = "en") -> str:
        """The change in words, in ``en`` or ``vi``."""
        table, _, rest = self.path.partition(".")
        part, _, key = rest.partition(".")
        where = f"{_KINDS[language].get(table, table)} {part}".strip()
        title = self.names[0 if language == "en" else 1] if self.names else ""
        if title and title != part:
            where += f" ({title})"
        if key:
            where += f", {key}"
        values = {"before": _shown(self.before), "after": _shown(self.after)}
        words = _WORDS[language][self.kind].format(**values)
        value = self.after if self.kind == "added" else self.before
        whole = self.kind == "changed" or isinstance(value, Mapping)
        return f"{where}: {words}" if whole else f"{where}: {words}: {_shown(value)}"

    def __str__(self) -> str:
        return self.text()


def diff(old: Process | Procedure, new: Process | Procedure) -> tuple[Change, ...]:
    """What is different in *new*, by path.

    >>> errand = Process.load("errand")
    >>> diff(errand, errand)
    ()
    """
    return tuple(sorted(_changes("", old.tree, new.tree, (old, new)), key=lambda change: change.path))


def _changes(path: str, before: Any, after: Any, of: tuple[Process | Procedure, Process | Procedure]) -> Iterator[Change]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from _changes(f"{path}.{key}" if path else key, before.get(key), after.get(key), of)
    elif _compared(path, before) != _compared(path, after):
        yield Change(path, before, after, _names(path, of))


def _compared(path: str, value: Any) -> Any:
    """A list of names as a set; the values of an axis as they stand, since the first is where a case starts."""
    names = isinstance(value, list) and all(isinstance(item, str) for item in value)
    if not names or path.startswith("axes."):
        return value
    return frozenset(value)


def _names(path: str, of: tuple[Process | Procedure, Process | Procedure]) -> tuple[str, ...]:
    table, _, rest = path.partition(".")
    part = rest.partition(".")[0]
    for definition in reversed(of):
        found = definition.tree.get(table)
        title = (
            found.get(part, {}).get("title") if isinstance(found, Mapping) and isinstance(found.get(part), Mapping) else None
        )
        if isinstance(title, Mapping) and title:
            any_title = next(iter(title.values()))
            return title.get("en", any_title), title.get("vi", any_title)
    return ()


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_shown(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return ", ".join(map(_shown, value)) or "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
