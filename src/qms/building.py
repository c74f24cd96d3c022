"""Processes written in Python: the very same definition that a file makes, with the same checks.

    errand = Builder("errand", title={"en": "Errand"})
    clerk = errand.role("clerk")
    waiting, done = errand.step("waiting"), errand.step("done", closes=True)
    errand.action("ask", from_="new", to=waiting, roles=[clerk])
    errand.action("finish", from_=waiting, to=done, roles=[clerk])
    process = errand.process()

Rule 1: what is built is data. Each call adds the table that the file would hold, under the same keys; a key that is a word
of Python ends in an underscore (``from_``).
Rule 2: names are given back, so that a slip in one is a fault of Python's, where it is made.
Rule 3: nothing is judged before `process`, which tells every fault at once, as a file's would be.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from .errors import InvalidInput, Problem
from .process import Process

__all__ = ["Builder"]


class Builder:
    """Collects the parts of a process; `process` makes it.

    *keys* are those of the head of a file: ``title``, ``owner``, ``due``, ``parts``...
    """

    def __init__(self, name: str, **keys: Any) -> None:
        self._tree: dict[str, Any] = {"name": name, **_written(keys)}
        self._doubled: list[Problem] = []

    def role(self, name: str, **keys: Any) -> str:
        """A role; its name."""
        return self._add("roles", name, _written(keys))

    def step(self, name: str, **keys: Any) -> str:
        """A step (``closes=True`` for one that ends a case); its name."""
        return self._add("steps", name, _written(keys))

    def phase(self, name: str, *steps: str) -> str:
        """A named set of steps; its name."""
        return self._add("phases", name, list(steps))

    def limit(self, name: str, period: str | None = None, **keys: Any) -> str:
        """A time limit: a *period* (``"15 working days"``), or ``from_="procedure"``; its name."""
        return self._add("limits", name, _written(keys if period is None else {"period": period, **keys}))

    def blank(self, name: str, *values: str, default: str | None = None) -> str:
        """What a procedure must say: one of *values*; what to write where the definition asks for it."""
        self._add("blanks", name, {"values": list(values), "default": default} if default else list(values))
        return f"procedure.{name}"

    def axis(self, name: str, *values: str) -> str:
        """A value kept beside the steps, first its start value; its name."""
        return self._add("axes", name, list(values))

    def date(self, name: str, way: str = "last") -> str:
        """A date of the case, written ``last``, ``once`` or ``later``; its name."""
        return self._add("dates", name, way)

    def input(self, name: str, **keys: Any) -> str:
        """What the process needs, ``from_`` whom; its name."""
        return self._add("inputs", name, _written(keys))

    def output(self, name: str, **keys: Any) -> str:
        """What the process gives, ``to`` whom; its name."""
        return self._add("outputs", name, _written(keys))

    def criterion(self, name: str, **keys: Any) -> str:
        """How the process is known to work; its name."""
        return self._add("criteria", name, _written(keys))

    def risk(self, name: str, **keys: Any) -> str:
        """A risk, or an opportunity (``kind="opportunity"``), and what is done about it; its name."""
        return self._add("risks", name, _written(keys))

    def indicator(self, name: str, **keys: Any) -> str:
        """What is measured of the process; its name."""
        return self._add("indicators", name, _written(keys))

    def action(self, key: str, **keys: Any) -> str:
        """An action, with the keys of the file; its key."""
        return self._add("actions", key, _written(keys))

    @property
    def tree(self) -> dict[str, Any]:
        """The table that the file would hold."""
        return deepcopy(self._tree)

    def process(self) -> Process:
        """The process.

        Raises:
            InvalidInput: every fault, each with its path (``actions.sign.roles[0]``).
        """
        if self._doubled:
            raise InvalidInput(self._doubled)
        return Process.from_tree(self.tree)

    def _add(self, table: str, name: str, value: Any) -> str:
        known = self._tree.setdefault(table, {})
        if name in known:
            self._doubled.append(Problem(f"{table}.{name}", "stands twice; give one of them another name"))
        known[name] = value
        return name


def _written(keys: Mapping[str, Any]) -> dict[str, Any]:
    """*keys* as a file writes them: no trailing underscore, lists for tuples, nothing that is None."""
    return {key.removesuffix("_"): _plain(value) for key, value in keys.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
