"""Canonical bytes, trees from text, and trees as classes: round trips, and every refusal with its path."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest

from qms import codec
from qms.errors import InvalidInput, NotFound, Problem


def _faults(error: InvalidInput) -> list[str]:
    return [str(problem) for problem in error.problems]


# ---- bytes


def test_bytes_are_pinned() -> None:
    """What is stored today must be found tomorrow: sorted keys, no spaces, UTF-8 as it is, controls escaped."""
    value = {"to": ["done"], "at": 1637280000000000, "by": "Nguyễn", "x": {"b": None, "a": [True, False, -1, '\x1f\n"\\/\x7f']}}
    expected = '{"at":1637280000000000,"by":"Nguyễn","to":["done"],"x":{"a":[true,false,-1,"\\u001f\\n\\"\\\\/\x7f"],"b":null}}'
    assert expected.encode() == codec.encode(value)


def test_the_digest_is_pinned() -> None:
    """The digest of a value is the SHA-256 of its bytes, in 64 digits."""
    assert "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" == codec.digest({})


def test_decoding_undoes_encoding() -> None:
    """A value comes back from its bytes; a tuple comes back as a list."""
    value: Any = {"a": [1, "é", None, True, {"b": []}], "c": {}, "": "empty key", "n": -(2**53 - 1)}
    assert value == codec.decode(codec.encode(value))
    assert [1, [2]] == codec.decode(codec.encode((1, (2,))))


def test_bytes_do_not_depend_on_the_order_of_keys() -> None:
    """Two tables that are equal have the same bytes."""
    assert codec.encode({"a": 1, "b": {"c": 2, "d": 3}}) == codec.encode({"b": {"d": 3, "c": 2}, "a": 1})


@pytest.mark.parametrize(("one", "other"), [(1, "1"), (True, 1), (None, "null"), ([], {}), ("é", "e\u0301"), (0, False)])
def test_different_values_have_different_bytes(one: Any, other: Any) -> None:
    """What merely looks alike stays apart, composed and decomposed letters too."""
    assert codec.encode({"v": one}) != codec.encode({"v": other})


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


REFUSED: list[tuple[Any, list[str]]] = [
    (1.5, ["float 1.5 has no canonical form; use text, integers, lists and tables"]),
    ({"a": float("nan")}, ["a: float nan has no canonical form; use text, integers, lists and tables"]),
    ({"a": {"b": [1, -0.0]}}, ["a.b[1]: float -0.0 has no canonical form; use text, integers, lists and tables"]),
    ({"a": 2**53, "b": [-(2**53)]}, ["a: 9007199254740992 is beyond 2^53; write it as a string",
                                     "b[0]: -9007199254740992 is beyond 2^53; write it as a string"]),
    ({"é": 1}, ["the key 'é' is not an ASCII string"]),
    ({"a": {1: 2}}, ["a: the key 1 is not an ASCII string"]),
    (["x", "a\ud800"], ["[1]: a lone surrogate cannot be encoded as UTF-8"]),
    ({"a": b"x"}, ["a: bytes b'x' has no canonical form; use text, integers, lists and tables"]),
    ({"a": {1}}, ["a: set {1} has no canonical form; use text, integers, lists and tables"]),
    (_nested(65), ["[0]" * 64 + ": nested deeper than 64"]),
    ({"a": 1.5, "b": {"c": "\udfff"}, "d": 3}, ["a: float 1.5 has no canonical form; use text, integers, lists and tables",
                                                 "b.c: a lone surrogate cannot be encoded as UTF-8"]),
]  # fmt: skip


@pytest.mark.parametrize(("value", "faults"), REFUSED, ids=[faults[0][:40] for _, faults in REFUSED])
def test_what_has_no_canonical_form_is_refused(value: Any, faults: list[str]) -> None:
    """Every fault is told at once, each with its path."""
    with pytest.raises(InvalidInput) as refused:
        codec.encode(value)
    assert faults == _faults(refused.value)


def test_nesting_to_64_is_taken() -> None:
    """The cap is a cap, not one less."""
    assert b"[" * 64 + b"1" + b"]" * 64 == codec.encode(_nested(64))


def test_a_record_that_is_too_large_is_refused() -> None:
    """64 KiB are taken, one byte more is not; a digest may be of more."""
    assert 65536 == len(codec.encode("x" * 65534))
    with pytest.raises(InvalidInput, match="65537 bytes are more than the 65536 a record may have"):
        codec.encode("x" * 65535)
    assert 64 == len(codec.digest("x" * 100_000))


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"\xff", "invalid start byte"),
        (b"{", "Expecting property name"),
        (b"", "Expecting value"),
        (b'{"a":1,"b":2,"a":1}', "the key 'a' stands twice in one table"),
        (b'[{"a":1.0}]', "1.0 is a float"),
        (b"1e5", "1e5 is a float"),
        (b"NaN", "NaN is a float"),
        (b"-Infinity", "-Infinity is a float"),
        (b"1" * 5000, "Exceeds the limit"),
        (b"[" * 200_000, "recursion"),
    ],
)
def test_bytes_that_are_no_record_are_refused(data: bytes, fault: str) -> None:
    """What is not UTF-8, not JSON, says a key twice or holds a float was not written by this library."""
    with pytest.raises(InvalidInput, match=f"the bytes are no record: .*{fault}"):
        codec.decode(data)


# ---- text


def test_trees_are_read_from_toml_and_json(tmp_path: Path) -> None:
    """A file is read by its suffix, whatever the letters' case."""
    (tmp_path / "a.toml").write_text('name = "Một cửa"\n[steps.done]\ncloses = true', encoding="utf-8")
    (tmp_path / "a.JSON").write_text('{"name": "Một cửa", "steps": {"done": {"closes": true}}}', encoding="utf-8")
    tree = {"name": "Một cửa", "steps": {"done": {"closes": True}}}
    assert (tree, tree) == (codec.read_tree(tmp_path / "a.toml"), codec.read_tree(str(tmp_path / "a.JSON")))


@pytest.mark.parametrize(
    ("text", "form", "fault"),
    [
        ("a = ", "toml", "x: not valid TOML: Invalid value"),
        ("a = 1\na = 2", "toml", "x: not valid TOML: Cannot overwrite a value"),
        ("{", "json", "x: not valid JSON: Expecting property name"),
        ('{"a": {"b": 1, "b": 1}}', "json", "x: not valid JSON: the key 'b' stands twice in one table"),
        ("[1]", "json", "x: a table is expected at the top, not list"),
        (f"a = {'1' * 5000}", "toml", "x: not valid TOML: Exceeds the limit"),
        ("[" * 200_000, "json", "x: not valid JSON: maximum recursion"),
    ],
)
def test_text_that_is_no_table_is_refused(text: str, form: str, fault: str) -> None:
    """The message names the file and what is wrong in it."""
    with pytest.raises(InvalidInput) as refused:
        codec.parse_tree(text, form=form, where="x")
    assert str(refused.value).startswith(fault)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """No file, a folder, another suffix, not UTF-8: each with the place."""
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "latin.toml").write_bytes("name = 'é'".encode("latin-1"))
    cases = {
        "none.toml": "cannot be read: No such file or directory",
        "folder.toml": "cannot be read: Is a directory",
        "a.yaml": "a definition is a .toml or .json file",
        "latin.toml": "the file is not UTF-8 text",
    }
    for name, fault in cases.items():
        with pytest.raises(InvalidInput) as refused:
            codec.read_tree(tmp_path / name)
        assert str(refused.value).startswith(f"{tmp_path / name}: {fault}")


def test_a_byte_order_mark_is_no_part_of_a_file(tmp_path: Path) -> None:
    """Editors on Windows put one before the text."""
    (tmp_path / "a.toml").write_text("name = 'x'\n", encoding="utf-8-sig")
    (tmp_path / "a.json").write_text('{"name": "x"}', encoding="utf-8-sig")
    assert {"name": "x"} == codec.read_tree(tmp_path / "a.toml") == codec.read_tree(tmp_path / "a.json")


def test_a_path_that_no_system_takes_is_refused() -> None:
    """A null byte stands in no path."""
    with pytest.raises(InvalidInput, match="cannot be read: embedded null byte"):
        codec.read_tree("a\0.toml")


@pytest.mark.parametrize("form", ["toml", "json"])
@pytest.mark.parametrize("depth", [64, 900, 100_000])
def test_a_tree_that_nests_too_deep_is_refused(form: str, depth: int) -> None:
    """Deeper than canonical bytes can, and deeper than Python can."""
    text = f"a = {'[' * depth}{']' * depth}" if form == "toml" else f'{{"a": {"[" * depth}{"]" * depth}}}'
    with pytest.raises(InvalidInput, match=r"nested deeper|recursion"):
        codec.parse_tree(text, form=form)


def test_a_tree_that_nests_to_the_limit_is_read() -> None:
    """As deep as canonical bytes can."""
    tree = codec.parse_tree(f"a = {'[' * 63}{']' * 63}")
    assert tree == codec.decode(codec.encode(tree))


def test_every_shipped_definition_is_a_table() -> None:
    """All shipped files parse, and are found by name."""
    for kind in ("processes", "procedures", "calendars"):
        assert codec.shipped_names(kind)
        assert all(codec.shipped(kind, name) for name in codec.shipped_names(kind))


@pytest.mark.parametrize("name", ["nowhere", "../calendars/VN", ""])
def test_only_what_is_shipped_is_found(name: str) -> None:
    """Another name, also one with a path in it, is not found, and the message lists what is."""
    with pytest.raises(NotFound, match=r"no process .* is shipped; there are: .*one-stop"):
        codec.shipped("processes", name)


# ---- classes


@attrs.frozen
class Stop:
    """A part of a tree."""

    name: str = attrs.field()
    closes: bool = False

    @name.validator
    def _named(self, _attribute: Any, value: str) -> None:
        if not value:
            raise ValueError("a name is expected")


@attrs.frozen
class Way:
    """A tree, with a key that is a word of Python."""

    title: str
    stops: dict[str, Stop] = attrs.field(factory=dict)
    roles: tuple[str, ...] = ()
    need: int = 1
    from_: str | None = None


@attrs.frozen
class Line:
    """A tree of classes that have no reader of their own."""

    name: str
    first: Stop | None = None
    stops: list[Stop] = attrs.field(factory=list)


def _read(tree: Any) -> Way:
    converter = codec.make_converter()
    codec.register_exactly(converter, str | None, lambda value, _: value)
    codec.structure_class(converter, Stop)
    codec.structure_class(converter, Way)
    return codec.structure(tree, Way, converter)


def test_a_tree_becomes_a_class() -> None:
    """Keys are fields, and `from` is `from_`."""
    tree = {"title": "t", "stops": {"a": {"name": "A", "closes": True}}, "roles": ["r"], "need": 2, "from": "x"}
    assert Way("t", {"a": Stop("A", closes=True)}, ("r",), 2, "x") == _read(tree)


FAULTY: list[tuple[Any, list[str]]] = [
    ({}, ["title: missing"]),
    ({"title": 3}, ["title: text is expected, not 3"]),
    ({"title": "t", "need": "2"}, ["need: a whole number is expected, not '2'"]),
    ({"title": "t", "need": True}, ["need: a whole number is expected, not True"]),
    ({"title": "t", "need": 1.0}, ["need: a whole number is expected, not 1.0"]),
    ({"title": "t", "roles": ["a", 2, "c", None]}, ["roles[1]: text is expected, not 2", "roles[3]: text is expected, not None"]),
    ({"title": "\ud800"}, ["title: a lone surrogate cannot be encoded as UTF-8"]),
    ({"title": "t", "roles": "abc"}, ["roles: a list is expected, not 'abc'"]),
    ({"title": "t", "roles": {"a": 1}}, ["roles: a list is expected, not {'a': 1}"]),
    ({"title": "t", "stops": ["a"]}, ["stops: a table is expected, not ['a']"]),
    ({"title": "t", "stops": {"a": "A"}}, ["stops.a: a table is expected, not 'A'"]),
    ({"title": date(2021, 2, 9)}, ['title: text is expected, not datetime.date(2021, 2, 9); write it in quotes: "2021-02-09"']),
    ("title", ["a table is expected, not 'title'"]),
    (None, ["a table is expected, not None"]),
    ({"title": "t", "fro": 1}, ["fro: unknown key; known here: from, need, roles, stops, title"]),
    ({"title": "t", "stops": {"a": {"closes": 1}}}, ["stops.a.name: missing", "stops.a.closes: true or false is expected, not 1"]),
    ({"title": "t", "stops": {"a": {"name": ""}}}, ["stops.a: a name is expected"]),
    ({"title": 1, "stops": {"a": {"name": "A", "x": 1}}, "need": "n"},
     ["title: text is expected, not 1", "stops.a.x: unknown key; known here: closes, name", "need: a whole number is expected, not 'n'"]),
]  # fmt: skip


@pytest.mark.parametrize(("tree", "faults"), FAULTY, ids=[faults[0] for _, faults in FAULTY])
def test_a_faulty_tree_is_refused(tree: Any, faults: list[str]) -> None:
    """Every fault of a tree is told at once, each with its path."""
    with pytest.raises(InvalidInput) as refused:
        _read(tree)
    assert sorted(faults) == sorted(_faults(refused.value))


def test_a_value_is_shown_no_longer_than_a_line() -> None:
    """A fault quotes the beginning of a long value alone, and of a deep one."""
    deep: list[Any] = []
    for _ in range(50_000):
        deep = [deep]
    for value in (["x" * 100_000], list(range(100_000)), deep):
        with pytest.raises(InvalidInput) as refused:
            _read({"title": value})
        assert len(str(refused.value)) < 200


def test_a_class_without_a_reader_of_its_own_is_as_strict() -> None:
    """Tables and lists are asked for wherever a converter reads."""
    with pytest.raises(InvalidInput) as refused:
        codec.structure({"name": "x", "stops": "abc", "first": "y"}, Line, codec.make_converter())
    assert ["first: a table is expected, not 'y'", "stops: a list is expected, not 'abc'"] == sorted(_faults(refused.value))


def test_a_place_is_put_before_every_path() -> None:
    """The file's name leads, when it is given."""
    with pytest.raises(InvalidInput) as refused:
        codec.structure({"nam": "x"}, Stop, codec.make_converter(), where="a.toml")
    assert ["a.toml.name: missing", "a.toml.nam: unknown key; known here: closes, name"] == _faults(refused.value)


def test_faults_of_an_inner_reader_keep_their_paths() -> None:
    """A hook that raises all its faults has them joined to where it stood."""

    def fails(_value: Any, _cls: Any) -> Any:
        raise InvalidInput([Problem("[2]", "bad"), Problem("x", "worse"), Problem("", "worst")])

    converter = codec.make_converter()
    converter.register_structure_hook(Stop, fails)
    codec.structure_class(converter, Way)
    with pytest.raises(InvalidInput) as refused:
        codec.structure({"title": "t", "stops": {"a": 1}}, Way, converter)
    assert ["stops.a[2]: bad", "stops.a.x: worse", "stops.a: worst"] == _faults(refused.value)


def test_json_and_canonical_bytes_agree() -> None:
    """Canonical bytes are JSON that any reader takes."""
    value = {"b": [1, 2, {"c": "đ"}], "a": None}
    assert value == json.loads(codec.encode(value))


def test_an_orjson_that_writes_other_bytes_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """It must write a sample as the standard encoder does."""
    monkeypatch.setattr("orjson.dumps", lambda *_, **__: b"{}")
    codec.writer.cache_clear()
    assert b'{"a":1}' == codec.encode({"a": 1})
    codec.writer.cache_clear()
