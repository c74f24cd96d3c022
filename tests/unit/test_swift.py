"""Classes that are made quickly are plain frozen attrs classes in every other way."""

from __future__ import annotations

import copy
import inspect
import pickle

import attrs
import pytest
from attrs.exceptions import FrozenInstanceError

from qms.case import Allowed
from qms.context import Attempt
from qms.event import Acted, ClockChange, When
from qms.state import Case, Particulars
from qms.swift import swift

SWIFT = [When, ClockChange, Acted, Case, Particulars, Attempt, Allowed]


@attrs.frozen
class Slow:
    """A plain frozen class."""

    x: int
    y: tuple[int, ...] = ()
    z: str | None = None


@swift
@attrs.frozen
class Quick:
    """The same, made quickly."""

    x: int
    y: tuple[int, ...] = ()
    z: str | None = None


def test_it_takes_what_the_plain_class_takes():
    """The same signature; by place, by name, with defaults; the same refusal of too few and too many."""
    assert inspect.signature(Slow) == inspect.signature(Quick)
    for args, named in [((1,), {}), ((1, (2,)), {"z": "a"}), ((), {"x": 1, "z": None})]:
        assert attrs.astuple(Slow(*args, **named)) == attrs.astuple(Quick(*args, **named))
    for args in ((), (1, 2, 3, 4)):
        with pytest.raises(TypeError):
            Quick(*args)


def test_it_is_of_its_class_and_equal_by_content():
    """Nothing of the twin remains."""
    made = Quick(1, (2,))
    assert (Quick, "Quick(x=1, y=(2,), z=None)") == (type(made), repr(made))
    assert (Quick(1, (2,)), hash(Quick(1, (2,)))) == (made, hash(made))
    assert made != Quick(2, (2,))


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x)), attrs.evolve])
def test_copies_are_equal_and_locked(again):
    """By copy, pickle and evolve."""
    made = again(Quick(1, (2,), "a"))
    assert Quick(1, (2,), "a") == made
    with pytest.raises(FrozenInstanceError):
        made.x = 2


@pytest.mark.parametrize("cls", [Quick, *SWIFT])
def test_it_cannot_be_changed(cls):
    """No field can be set or deleted, and none added."""
    made = cls(*range(len(attrs.fields(cls))))
    for attribute in attrs.fields(cls):
        with pytest.raises(FrozenInstanceError):
            setattr(made, attribute.name, 0)
        with pytest.raises(FrozenInstanceError):
            delattr(made, attribute.name)
    with pytest.raises((FrozenInstanceError, AttributeError)):
        made.more = 1


@pytest.mark.parametrize(
    "given", [attrs.field(factory=dict), attrs.field(converter=int), attrs.field(validator=attrs.validators.instance_of(int))]
)
def test_a_field_that_does_more_is_refused(given):
    """A factory, a converter or a validator would be left out in silence."""
    with pytest.raises(TypeError, match="more than a plain field"):
        swift(attrs.make_class("More", {"x": given}, frozen=True))
