"""The published JSON Schemas of definition files."""

from __future__ import annotations

from importlib.resources import files

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from definitions import tree
from qms.codec import shipped, shipped_names
from qms.definition import plain
from qms.errors import InvalidInput
from qms.process import Process
from qms.schema import procedure_schema, process_schema, text_of

PUBLISHED = {"process": process_schema, "procedure": procedure_schema}
PROCESS = jsonschema.Draft202012Validator(process_schema())


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_file_is_the_one_made(name):
    """Byte for byte; `make schemas` makes it anew."""
    file = files("qms") / "definitions" / "schemas" / f"{name}.json"
    assert text_of(PUBLISHED[name]()) == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_schema_is_a_schema(name):
    """By the meta-schema of the draft it names."""
    jsonschema.Draft202012Validator.check_schema(PUBLISHED[name]())


@pytest.mark.parametrize(
    ("schema", "kind", "name"),
    [(process_schema, "processes", name) for name in shipped_names("processes")]
    + [(procedure_schema, "procedures", name) for name in shipped_names("procedures")],
)
def test_what_is_shipped_fits_the_schema(schema, kind, name):
    """Every file that the reader takes."""
    jsonschema.Draft202012Validator(schema()).validate(plain(shipped(kind, name)))


WRONG = [
    "wings = 2",
    "actions.fly = { from = ['waiting'], to = 'done', roles = ['clerk'] }",
    "actions.fly = { from = 'waiting', to = 'done', roles = 'clerk' }",
    "actions.fly = { from = 'waiting', to = { granted = 'done' }, roles = ['clerk'] }",
    "actions.fly = { from = 'waiting', to = { by = 'case.x', granted = 'done' }, roles = ['clerk'] }",
    "actions.fly = { from = 'waiting', at_most = 0, roles = ['clerk'] }",
    "actions.fly = { from = 'waiting', guards = [1], roles = ['clerk'] }",
    "limits.legal = 3\nactions.fly = { from = 'waiting', roles = ['clerk'], clocks = { legal = 'leap' } }",
    "limits.legal = { period = '3 days', from = 'procedure' }",
    "limits.legal = { from = 'form' }",
    "blanks.mode = []",
    "steps.waiting = { closes = 'yes' }",
    "steps.Waiting = {}",
    "dates.asked_at = 3",
]


@pytest.mark.parametrize("text", WRONG)
def test_what_the_reader_refuses_for_its_shape_the_schema_refuses(text):
    """The two cannot disagree on a shape."""
    with pytest.raises(InvalidInput):
        Process.from_tree(tree(text))
    assert not PROCESS.is_valid(tree(text))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 3)
    | st.sampled_from(["", "waiting", "done", "form.x", "procedure.y", "pause", "new", "*"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["by", "at", "n", "name", "from", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)
KEYS = [
    "from",
    "from_any",
    "join",
    "to",
    "adds",
    "cancels",
    "roles",
    "guards",
    "clocks",
    "at_most",
    "sets",
    "raises",
    "need",
    "reopens",
]


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=3))
def test_whatever_the_reader_takes_fits_the_schema(action):
    """An action of any shape: read without a fault, it is valid."""
    text = tree()
    text["actions"]["fly"] = {"from": "waiting", "to": "done", "roles": ["clerk"]} | action
    try:
        Process.from_tree(text)
    except InvalidInput:
        return
    assert [] == [error.message for error in PROCESS.iter_errors(text)]
