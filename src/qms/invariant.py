"""What a definition may say that every case keeps: one record for each invariant, in one of a closed list of forms.

What each form means, and whether it holds, is `proof`'s to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import Factory, frozen

from .errors import InvalidInput, Problem

__all__ = ["FORMS", "Invariant", "strict"]

FORMS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "never_together": ((), ()),
    "before": (("done", "one_of"), ("apart",)),
    "at_most": (("of",), ("within",)),
    "once": ((), ()),
    "ends_without": ((), ()),
    "clock": (("starts_at",), ("changed_by",)),
    "leaves_alone": (("after", "actions"), ()),
    "ends_with": ((), ()),
}
"""The forms of an invariant: the key each is known by, the keys of which it takes one, and those it may have."""


@frozen
class Invariant:
    """What must hold of every case of a process, in one of the `FORMS`; see `qms.proof` for what each key says."""

    title: Mapping[str, str] = Factory(dict)
    never_together: tuple[str, ...] = ()
    before: str | None = None
    done: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    apart: bool = False
    at_most: int | None = None
    of: tuple[str, ...] = ()
    within: str | None = None
    once: tuple[str, ...] = ()
    ends_without: tuple[str, ...] = ()
    clock: str | None = None
    starts_at: tuple[str, ...] = ()
    changed_by: tuple[str, ...] = ()
    leaves_alone: tuple[str, ...] = ()
    after: str | None = None
    actions: tuple[str, ...] = ()
    ends_with: tuple[str, ...] = ()

    @property
    def form(self) -> str:
        """Which of the `FORMS` it has."""
        return next(form for form in FORMS if getattr(self, form) not in ((), None))


def strict(read: Callable[[Any, Any], Invariant]) -> Callable[[Any, Any], Invariant]:
    """*read*, refusing what has no form, or keys that say nothing in the form it has."""

    def hook(value: Any, cls: Any) -> Invariant:
        invariant = read(value, cls)
        keys = value.keys() - {"title"}
        forms = [form for form in FORMS if form in keys]
        if len(forms) != 1:
            raise InvalidInput(f"an invariant is told by one of {', '.join(FORMS)}; {len(forms)} of them stand here")
        needed, more = FORMS[forms[0]]
        if needed and len(keys.intersection(needed)) != 1:
            raise InvalidInput(f"{forms[0]} goes with {' or '.join(needed)}")
        if strange := sorted(keys - {forms[0], *needed, *more}):
            raise InvalidInput([Problem(key, f"says nothing beside {forms[0]}") for key in strange])
        if empty := sorted(key for key in keys if value[key] in ("", [], None)):
            raise InvalidInput([Problem(key, "names nothing") for key in empty])
        if invariant.at_most is not None and (type(value["at_most"]) is not int or invariant.at_most < 0):
            raise InvalidInput(f"{value['at_most']!r} is no count; write 0 for never", "at_most")
        return invariant

    return hook
