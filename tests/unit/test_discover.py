"""Drafts: a log's paths as a definition to edit, sound at any share, with counts where a person looks for them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pendulum
import pytest

from logs import written
from qms.errors import InvalidInput
from qms.exchange.discover import Draft, discover, role_key, slug
from qms.exchange.logs import figures, histories
from qms.exchange.replay import Groups, replay
from qms.process import Process
from qms.stores import MemoryStore

NOW = pendulum.datetime(2026, 11, 23)


def cases(*told: str, group: str = "") -> list[list[tuple[str, str]]]:
    """Cases written as words: each letter an activity."""
    return [[(letter, group) for letter in word] for word in told]


def draft(folder: Path, found: list[list[tuple[str, str]]], share: str = "0") -> Draft:
    """What is drawn from a log of these cases."""
    return discover(figures(written(folder, found)), name="Log 1", min_share=share)


def test_a_draft_reads_as_a_definition(tmp_path: Path) -> None:
    """A step after each activity, alternatives with their counts, one closing step; shared names where an activity also begins."""
    found = draft(tmp_path, cases("abc", "abb", "b"))
    tree = tomllib.loads(found.text)
    assert {"after-a", "after-b", "after-c", "ended"} == set(tree["steps"])
    assert ("new", ["after-a", "after-b"], "after-b") == (
        tree["actions"]["b-first"]["from"],
        tree["actions"]["b-2"]["from_any"],
        tree["actions"]["b-2"]["to"],
    )
    assert ("b", "b", "a") == (tree["actions"]["b-first"]["name"], tree["actions"]["b-2"]["name"], tree["opens"])
    assert '  "after-a",  # 2\n' in found.text
    assert "# 4 times in the log" in found.text
    assert ["after-b", "after-c"] == tree["actions"]["end-of-case"]["from_any"]


def test_roles_are_the_groups_of_the_log(tmp_path: Path) -> None:
    """An activity takes the groups that did it, and anyone where an event names none."""
    found = draft(tmp_path, [[("a", "Phòng Một"), ("b", "")], [("a", "phong mot"), ("b", "participant")]])
    tree = tomllib.loads(found.text)
    assert ["phong-mot", "phong-mot-2"] == tree["actions"]["a-2" if "a-2" in tree["actions"] else "a"]["roles"]
    assert ["participant", "participant-2"] == tree["actions"]["b"]["roles"]
    roles = found.process.definition.roles
    assert ("phong-mot", "phong-mot-2", None) == (
        role_key("Phòng Một", roles),
        role_key("phong mot", roles),
        role_key("x", roles),
    )


def test_rare_paths_are_left_out_and_counted(tmp_path: Path) -> None:
    """A path below the share of its step is left out, and so is what only it led to."""
    found = draft(tmp_path, cases(*["ab"] * 9, "acb"), "0.2")
    assert [("a", "c", 1), ("c", "b", 1)] == [(p.first, p.then, p.n) for p in found.dropped]
    assert "after-c" not in tomllib.loads(found.text)["steps"]
    assert "are left out (2)" in found.text


def test_a_path_without_which_no_case_could_end_is_kept(tmp_path: Path) -> None:
    """A loop that cases rarely leave keeps its way out, however rare; the draft is sound."""
    found = draft(tmp_path, cases("aaaaaaaaab", "aaaaaaaaac"), "0.9")
    assert [("a", "b", 1)] != [] and 1 == len([p for p in found.rescued if p.first == "a"])
    assert (True, "# 1, kept") == (found.process.check().sound, "# 1, kept" if "# 1, kept" in found.text else "")


def test_a_way_out_may_lead_through_what_was_left_out(tmp_path: Path) -> None:
    """Where the only way to an end is rare twice over, both are kept."""
    word = "ab" * 10
    found = draft(tmp_path, cases(word + "cdcdcdcdcdcdcdcde"), "0.95")
    assert True is found.process.check().sound


def test_the_most_frequent_beginning_is_always_kept(tmp_path: Path) -> None:
    """Even where no beginning reaches the share."""
    found = draft(tmp_path, cases("a", "b", "c"), "1")
    assert [(None, "c")] == [(p.first, p.then) for p in found.kept if p.first is None]
    assert [(None, "c")] == [(p.first, p.then) for p in found.rescued]


def test_mermaid_has_the_counts(tmp_path: Path) -> None:
    """Each arrow says how often, each box too; any text is safe."""
    lines = draft(tmp_path, [[('say "no"', ""), ("b", "")]]).mermaid.splitlines()
    assert "stateDiagram-v2" == lines[0]
    assert '    state "say #34;no#34; (1)" as a2' in lines
    assert {"    [*] --> a2 : 1", "    a2 --> a1 : 1", "    a1 --> [*] : 1"} <= set(lines)


def test_names_of_any_kind_are_quoted(tmp_path: Path) -> None:
    """Quotes, backslashes and control characters in names stay in the draft as they were."""
    from qms.exchange.discover import _quote

    text = 'a "b" \\ \t\n\r \x01\x7f\x85 đ'
    assert {"x": text} == tomllib.loads(f"x = {_quote(text)}")


def test_a_name_of_an_activity_that_is_a_key_of_another_is_told_apart(tmp_path: Path) -> None:
    """The keys of a draft never mean another activity than the log does."""
    found = [[("A", ""), ("a", ""), ("a-first", "")], [("a", ""), ("A", "")], [("end-of-case", ""), ("End of the case", "")]]
    log = written(tmp_path, found)
    made = discover(figures(log), name="x")
    assert (3, ()) == (
        (report := replay(log, made.process, store=MemoryStore, now=lambda: NOW)).conforming_cases,
        report.deviations,
    )


@pytest.mark.parametrize("share", ["-0.1", "1.5", "much", "1/0"])
def test_a_share_lies_between_none_and_all(tmp_path: Path, share: str) -> None:
    """Any other is refused with what it may be."""
    with pytest.raises(InvalidInput, match=r"--min-share: .* is no share; it lies between 0"):
        draft(tmp_path, cases("a"), share)


def test_what_no_draft_can_be_made_of_is_refused(tmp_path: Path) -> None:
    """No events, or thousands of activities: the column is hardly the right one."""
    with pytest.raises(InvalidInput, match="the log has no events"):
        draft(tmp_path, [])
    with pytest.raises(InvalidInput, match=r"1,001 different activities .* the right column"):
        draft(tmp_path, [[(f"a{i}", "")] for i in range(1_001)])


def test_hundreds_of_activities_are_drawn_and_judged(tmp_path: Path) -> None:
    """300 activities that follow each other in many ways make a sound draft."""
    found = draft(tmp_path, [[(f"a{(i * k) % 300}", "") for i in range(60)] for k in range(1, 90)])
    assert (True, 3_000) < (found.process.check().sound, len(found.kept))


def test_people_are_judged_by_their_groups(tmp_path: Path) -> None:
    """Who is shown in a group has its role, everyone is a participant, and nobody is listed as one."""
    log = written(tmp_path, [[("a", "g"), ("b", "h"), ("c", "unknown")]])
    process = Process.from_tree(tomllib.loads(draft(tmp_path, [[("a", "g"), ("b", "h")]]).text))
    people = Groups(process, histories(written(tmp_path, [[("a", "g"), ("b", "h"), ("c", "unknown")]])))
    assert [["participant", "g"], ["participant"], ["participant"]] == [
        [grant.role for grant in people.grants(who, 0)] for who in ("p0", "p2", "nobody")
    ]
    assert (("p0",), ()) == (people.holders("g", None, 0), people.holders("participant", None, 0))
    assert log.path.exists()


def test_slugs_are_names_of_definitions() -> None:
    """Lower-case ASCII without marks; what has none is called otherwise."""
    assert ("tiep-nhan-ho-so", "x", "a" * 60) == (slug("Tiếp nhận hồ sơ!"), slug("处理"), slug("a" * 99))
