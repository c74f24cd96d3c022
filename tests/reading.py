"""A definition read by hand: who may do what where, straight from the tables of its file, and slowly on purpose.

It shares nothing with the library: no net, no plan, no mask. Guards and forms are left out; they only ever forbid.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import chain
from typing import Any

Tree = Mapping[str, Any]


def listed(value: Any) -> list[Any]:
    """What a key holds, as a list: nothing, one or several."""
    return [] if value is None else value if isinstance(value, list) else [value]


def spread(tree: Tree, names: Any, every: Collection[str]) -> set[str]:
    """Steps, with phases and ``*`` written out."""
    phases = tree.get("phases", {})
    return set(chain.from_iterable(every if n == "*" else phases.get(n, [n]) for n in listed(names)))


def stands(tree: Tree, action: Tree, at: Collection[str], *, born: bool) -> bool:
    """Whether a case with tokens *at* these steps is where the action is done."""
    open_steps = [step for step, table in tree["steps"].items() if not table.get("closes")]
    if action.get("from") == "new":
        return not born
    if not born or set(listed(action.get("adds"))) & set(at):
        return False
    if "join" in action:
        return len(set(action["join"]) & set(at)) >= int(action.get("need", len(action["join"])))
    return bool((set(listed(action.get("from"))) | spread(tree, action.get("from_any"), open_steps)) & set(at))


def holds(tree: Tree, action: Tree, roles: Collection[str], parts: Collection[str]) -> bool:
    """Whether somebody with these roles, who is named for these parts of the case, may do it as far as roles go."""
    wanted = set(listed(action.get("roles")))
    own = wanted & set(tree.get("parts", []))
    return bool((wanted - own) & set(roles)) or (bool(own) and (action.get("from") == "new" or bool(own & set(parts))))


def apart(action: Tree, done: Collection[str], parts: Collection[str]) -> bool:
    """Whether nobody who did *done* and is named for *parts* is kept from it."""
    return not set(listed(action.get("separate_from"))) & {*done, *parts}


def may(
    tree: Tree,
    key: str,
    at: Collection[str],
    roles: Collection[str],
    parts: Collection[str] = (),
    done: Collection[str] = (),
    *,
    born: bool = True,
    system: bool = False,
) -> bool:
    """Whether somebody may do *key* where a case stands *at* these steps, having *done* those actions in it."""
    action = tree["actions"][key]
    if not stands(tree, action, at, born=born):
        return False
    if system:
        return "fired_by" in action
    return "fired_by" not in action and holds(tree, action, roles, parts) and apart(action, done, parts)
