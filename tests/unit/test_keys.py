"""The page that lists every key of a definition, beside the schema."""

from __future__ import annotations

import re
from pathlib import Path

import attrs
import pytest

from qms import definition
from qms.invariant import Invariant
from qms.schema import procedure_schema, process_schema

PAGE = (Path(__file__).parents[2] / "docs" / "keys.md").read_text(encoding="utf-8")
SECTIONS: dict[str, tuple[type, ...]] = {
    "Step": (definition.Step,),
    "Action": (definition.Action,),
    "Trigger": (definition.Trigger,),
    "Raises": (definition.Raise,),
    "Limit": (definition.Limit,),
    "Terms": (definition.PauseTerms, definition.ExtensionTerms),
    "Invariants": (Invariant,),
    "Inputs, outputs, criteria, risks, indicators": (
        definition.Input,
        definition.Output,
        definition.Criterion,
        definition.Risk,
        definition.Indicator,
    ),
}


def listed(section: str) -> tuple[set[str], set[str]]:
    """The keys in the first column of a section's table, and those of them in bold."""
    text = re.split(rf"(?m)^## {re.escape(section)}$", PAGE)[1].split("\n## ")[0]
    cells = " ".join(line.split("|")[1] for line in text.splitlines() if line.startswith("| ") and "`" in line.split("|")[1])
    return set(re.findall(r"`([a-z_]+)`", cells)), set(re.findall(r"\*\*`([a-z_]+)`\*\*", cells))


@pytest.mark.parametrize(("section", "schema"), [("Process", process_schema), ("Procedure", procedure_schema)])
def test_the_page_lists_the_keys_of_a_file(section, schema):
    """All of them and no other; those that must be there in bold."""
    keys, needed = listed(section)
    assert (set(schema()["properties"]), set(schema()["required"])) == (keys, needed)


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_lists_the_keys_of_each_table(section):
    """As the classes that read them have them."""
    fields = [field for cls in SECTIONS[section] for field in attrs.fields(cls) if field.init]
    keys, needed = listed(section)
    assert {field.name.rstrip("_") for field in fields} == keys
    assert {field.name.rstrip("_") for field in fields if field.default is attrs.NOTHING} == needed


def test_the_page_lists_every_effect_and_the_keys_beside_it():
    """The closed list of effects; each key of the table of an effect."""
    section = PAGE.split("## Clock effects")[1].split("## ")[0]
    assert [] == [effect for effect in definition.EFFECTS if f"`{effect}`" not in section]
    fields = {field.name for field in attrs.fields(definition.ClockEffect)} - {"effects"}
    assert fields | {"effect", "start", "extend"} == listed("Clock effects")[0]
