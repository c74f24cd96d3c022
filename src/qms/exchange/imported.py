"""A process of another system, read into ours, with what a person should know about the reading.

Rule 1: what cannot be said in a definition is refused, all of it at once, each with its place.
Rule 2: what is said, but oddly, or was left out, is a finding beside the process. It says nothing against soundness.
Rule 3: names of the other system stand in titles, in ``name`` and in ``codes``; keys are made from them, and are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve, field, frozen

from ..process import Procedure, Process
from ..soundness import Finding, Report
from .discover import slug

__all__ = ["Imported", "Keys"]

WORDS = 300
"""How much of a text is kept in a title."""


def _odd(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(evolve(finding, severity="warning") for finding in findings)


@frozen
class Imported:
    """A process as read, its *findings*, all warnings, and the file (and the part of it) that it is from."""

    process: Process
    findings: tuple[Finding, ...] = field(default=(), converter=_odd)
    source: str = ""

    def check(
        self,
        procedures: Iterable[Procedure] = (),
        *,
        forms: Mapping[str, type] | None = None,
        guards: Mapping[str, Any] | None = None,
        cap: int = 200_000,
    ) -> Report:
        """What `Process.check` says, and then what is odd about the file. Oddities leave `sound` as it is."""
        report = self.process.check(procedures, forms=forms, guards=guards, cap=cap)
        return evolve(report, findings=(*report.findings, *self.findings))


class Keys:
    """Keys made from names, each given once."""

    def __init__(self, *reserved: str) -> None:
        self._taken = set(reserved)

    def give(self, wanted: str, otherwise: str = "x") -> str:
        """A key that reads like *wanted*, or like *otherwise* where no letter of it is left; numbered where it is taken."""
        base = slug(wanted, otherwise)
        key, n = base, 1
        while key in self._taken:
            n += 1
            key = f"{base}-{n}"
        self._taken.add(key)
        return key


def titled(text: str) -> dict[str, str]:
    """*text* on one line, as the title of a definition."""
    line = " ".join(text.split())
    return {"en": line if len(line) <= WORDS else line[: WORDS - 1] + "…"}
