"""BPMN in and out: what becomes of each element, what is refused and where, what is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from definitions import tree
from diagrams import diagram
from qms.errors import InvalidInput
from qms.exchange import bpmn
from qms.exchange.bpmnxml import LARGEST
from qms.exchange.imported import Imported
from qms.process import Process


def moves(found: Imported) -> list[str]:
    """The actions in words: name, from, to."""
    return [
        f"{action.name}: {'+'.join(action.join) or action.from_ or '|'.join(action.from_any)} > {'+'.join(action.to or ('-',))}"
        for action in found.process.definition.actions.values()
    ]


def refused(text: str | bytes) -> list[str]:
    """The faults of *text*."""
    with pytest.raises(InvalidInput) as caught:
        bpmn.loads(text)
    return [str(problem) for problem in caught.value.problems]


def test_a_row_of_tasks_waits_before_each() -> None:
    """A start opens at the first task, the last task closes."""
    assert ["s: new > before-t1", "t1: before-t1 > before-u2", "u2: before-u2 > e"] == moves(
        bpmn.loads(diagram("s>t1 t1>u2 u2>e"))
    )


def test_a_choice_is_made_by_what_is_done_next() -> None:
    """An exclusive gateway is a step; what it leads to are the ways out of it."""
    found = bpmn.loads(diagram("s>x1 x1>t1 x1>t2 t1>x2 t2>x2 x2>e"))
    assert ["s: new > x1", "t1: x1 > e", "t2: x1 > e"] == moves(found)


def test_branches_side_by_side_are_a_fork_and_a_join() -> None:
    """The task after the join waits for both; the one before it forks."""
    found = bpmn.loads(diagram("s>t1 t1>p1 p1>t2 p1>t3 t2>p2 t3>p2 p2>t4 t4>e"))
    assert [
        "s: new > before-t1",
        "t1: before-t1 > before-t2+before-t3",
        "t2: before-t2 > after-t2",
        "t3: before-t3 > after-t3",
        "t4: after-t2+after-t3 > e",
    ] == moves(found)


def test_what_only_ends_the_case_is_an_action_of_its_own() -> None:
    """A choice between work and the end stays, named after the end, and is told."""
    found = bpmn.loads(diagram("s>t1 t1>x1 x1>t2 x1>e t2>e"))
    assert "e: x1 > e" in moves(found)
    assert ["decision"] == [finding.code for finding in found.check().findings]


def test_a_choice_before_a_join_stays() -> None:
    """Who has chosen the join waits there: the deadlock of the diagram is a deadlock of the process."""
    found = bpmn.loads(diagram("s>x1 x1>p1 x1>t1 t1>p1 p1>e"))
    assert ["deadlock"] == sorted({finding.code for finding in found.check().findings if finding.code == "deadlock"})


def test_a_task_that_two_ways_lead_to_is_one_action() -> None:
    """Two steps before it are its alternatives; after a join too, it is a second action of the same name."""
    found = bpmn.loads(diagram("s>t1 t1>p1 p1>t2 p1>t3 t2>p2 t3>p2 p2>x1 x1>t4 t4>x2 x2>x1 x2>t5 t5>x3 x3>e x3>x1"))
    names = [action.name for action in found.process.definition.actions.values()]
    assert (2, True) == (names.count("t4"), found.check().sound)


def test_two_tasks_of_one_name_are_told_apart_where_both_are_possible() -> None:
    """They share the name where it is clear which is meant, and get numbers where it is not."""
    row = diagram("s>t1 t1>t2 t2>e").replace('name="t2"', 'name="t1"')
    side = diagram("s>p1 p1>t1 p1>t2 t1>p2 t2>p2 p2>t3 t3>e").replace('name="t2"', 'name="t1"')
    names = [[a.name for a in bpmn.loads(text).process.definition.actions.values()] for text in (row, side)]
    assert [["s", "t1", "t1"], ["s", "t1", "t1 (2)", "t3"]] == names


LANES = """<laneSet id="l"><lane id="a" name="Counter"><flowNodeRef>t1</flowNodeRef></lane>
<lane id="b" name="Office"><flowNodeRef>t2</flowNodeRef>
<childLaneSet><lane id="c" name="Head"><flowNodeRef>t3</flowNodeRef></lane></childLaneSet></lane></laneSet>"""


def test_lanes_and_owners_are_roles() -> None:
    """The innermost lane; the potential owner before the lane; anyone where there is neither."""
    owner = "<potentialOwner><resourceRef>x:r</resourceRef></potentialOwner>"
    text = diagram("s>t1 t1>t2 t2>t3 t3>e", inside=LANES, beside='<resource id="r" name="Clerk"/>')
    text = text.replace('<task id="t2" name="t2"/>', f'<task id="t2" name="t2">{owner}</task>')
    actions = bpmn.loads(text).process.definition.actions
    assert {"s": ("participant",), "t1": ("counter",), "t2": ("clerk",), "t3": ("head",)} == {
        k: a.roles for k, a in actions.items()
    }


def test_conditions_are_notes() -> None:
    """The name and the condition of the way taken stand at the task; that nobody evaluates them is told."""
    text = diagram("s>x1 x1>t1 x1>t2 t1>e t2>e").replace(
        'id="f1" sourceRef="x1" targetRef="t1"/>',
        'id="f1" name="yes" sourceRef="x1" targetRef="t1"><conditionExpression>a &gt; 1</conditionExpression></sequenceFlow>',
    )
    found = bpmn.loads(text)
    assert "yes: a > 1" == found.process.definition.actions["t1"].note
    assert ["conditions"] == [finding.code for finding in found.findings]


def test_a_timer_start_opens_a_case_and_is_told() -> None:
    """The timer is for a scheduler; its text stands in the finding."""
    timer = "<timerEventDefinition><timeCycle>R/P1D</timeCycle></timerEventDefinition>"
    found = bpmn.loads(
        diagram("s>t1 t1>e").replace('<startEvent id="s" name="s"/>', f'<startEvent id="s" name="s">{timer}</startEvent>')
    )
    assert [("timer-start", True)] == [(finding.code, "R/P1D" in finding.message) for finding in found.findings]


def test_what_follows_nothing_ends_the_case() -> None:
    """A task without a way out, told."""
    found = bpmn.loads(diagram("s>t1"))
    assert (True, ["implicit-end"]) == (found.check().sound, [finding.code for finding in found.findings])


@pytest.mark.parametrize("kind", sorted(bpmn.TASKS))
def test_any_kind_of_task_is_an_action(kind: str) -> None:
    """Who or what does it is a matter of roles."""
    assert "t1: before-t1 > e" in moves(bpmn.loads(diagram("s>t1 t1>e", kinds={"t1": kind})))


@pytest.mark.parametrize(
    "kind",
    [
        *("subProcess", "transaction", "adHocSubProcess", "callActivity", "intermediateCatchEvent", "intermediateThrowEvent"),
        *("boundaryEvent", "inclusiveGateway", "complexGateway", "eventBasedGateway", "choreographyTask", "somethingNew"),
    ],
)
def test_what_has_another_meaning_is_refused_by_name(kind: str) -> None:
    """Every element that is not read, at its line."""
    assert [f"line 4, <{kind}> 't1': <{kind}> is not read here"] == refused(diagram("s>t1 t1>e", kinds={"t1": kind}))


def test_all_faults_come_at_once() -> None:
    """Elements, ids, ends of flows, conditions: each with line, element and id."""
    text = diagram(
        "s>t1 t1>t2 t2>e t1>zz",
        kinds={"zz": "subProcess"},
        inside="""<task id="t1"/><task/><boundaryEvent id="b"/><sequenceFlow id="g" sourceRef="t1" targetRef="nowhere"/>
<sequenceFlow id="h" sourceRef="t1" targetRef="t2"><conditionExpression>1</conditionExpression></sequenceFlow>
<task id="t9"><multiInstanceLoopCharacteristics/></task><task id="t8" isForCompensation="true" startQuantity="2"/>""",
    )
    assert [
        "<subProcess> is not read here",
        "has an id that stands twice",
        "has no id",
        "<boundaryEvent> is not read here",
        "<multiInstanceLoopCharacteristics> in <task> is not read here",
        "isForCompensation is not read here",
        "startQuantity of more than 1 is not read here",
        "targetRef 'nowhere' is no node of the process",
        "a condition on a flow out of <task>; put an exclusive gateway there",
    ] == [line.partition(": ")[2] for line in refused(text)]


def test_a_node_that_nothing_leads_to_is_refused() -> None:
    """And flows into a start, or out of an end, and a process without a start."""
    assert [
        "line 6, <task> 't2': no flow leads here; let one come from a start, or remove it",
    ] == refused(diagram("s>t1 t1>e t2>e"))
    assert "line 5, <startEvent> 's': a flow leads into a start" in refused(diagram("t1>t2 t2>s s>t1"))
    assert any("no <startEvent>" in line for line in refused(diagram("t1>e")))


def test_one_process_is_read() -> None:
    """Of two, the second is refused, and so is what stands in it; none is refused too."""
    other = '<process id="q"><subProcess id="z"/></process>'
    text = diagram("s>t1 t1>e").replace("</definitions>", f"{other}</definitions>")
    assert [True, True] == ["one of 2 processes" in refused(text)[0], "<subProcess>" in refused(text)[1]]
    assert ["line 1, <definitions>: there is no <process> with anything in it"] == refused(diagram([]))


def test_a_diagram_that_is_no_process_of_people_is_refused() -> None:
    """Thousands of nodes and flows."""
    assert any("too many" in line for line in refused(diagram([("s", "t0"), *((f"t{n}", f"t{n + 1}") for n in range(3_000))])))


def test_a_pool_of_one_is_no_matter() -> None:
    """A participant and its messages are left out; several instances of it, or conversations, are refused."""
    pool = '<collaboration id="c"><participant id="a" processRef="p"/><messageFlow id="m"/></collaboration>'
    assert ["left-out"] == [f.code for f in bpmn.loads(diagram("s>t1 t1>e", beside=pool)).findings]
    many = pool.replace('"p"/>', '"p"><participantMultiplicity/></participant><conversation/>')
    assert ["<participantMultiplicity>", "<conversation>", "<choreography>"] == [
        line.partition(": ")[2].split()[0] for line in refused(diagram("s>t1 t1>e", beside=many + "<choreography/>"))
    ]


def test_an_owner_that_an_expression_finds_is_left_out() -> None:
    """It is told, and the lane holds."""
    owner = "<potentialOwner><resourceAssignmentExpression/></potentialOwner>"
    text = diagram("s>t1 t1>t2 t2>t3 t3>e", inside=LANES).replace(
        '<task id="t1" name="t1"/>', f'<task id="t1" name="t1">{owner}</task>'
    )
    found = bpmn.loads(text)
    assert (("counter",), ["left-out"]) == (found.process.definition.actions["t1"].roles, [f.code for f in found.findings])


def test_remarks_and_data_are_left_out_and_told() -> None:
    """By element, with how many; extensions and drawings are passed over."""
    inside = """<textAnnotation id="n"/><association id="o"/><dataObject id="d"/><extensionElements><task id="q"/></extensionElements>
<x:thing xmlns:x="urn:x"><task id="q2"/></x:thing>"""
    found = bpmn.loads(diagram("s>t1 t1>e", inside=inside))
    assert ["left-out"] * 3 == [finding.code for finding in found.findings]
    assert 2 == len(found.process.definition.actions)


# Files


def test_entities_are_not_expanded() -> None:
    """A document type definition is refused before anything is made of it."""
    bomb = '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + diagram("s>t1 t1>e")
    assert ["line 1: a document type definition; a process has none, and entities are not expanded: remove it"] == refused(bomb)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no XML"),
        ("<a/>", "the root is <a> of no namespace"),
        ("<definitions/>", "the root is <definitions>"),
        (diagram("s>t1 t1>e")[:-5], "no XML"),
        (diagram("s>t1 t1>e", inside="<a>" * 200), "nested deeper than 100"),
        (diagram("s>t1 t1>e", inside="<x:a xmlns:x='x'/>" * 100_001), "more than 100,000 elements"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "unknown encoding: no-such"),
        (b"<" * (LARGEST + 1), "more than 16 MB"),
    ],
)
def test_a_file_that_is_none_is_refused(text: str | bytes, said: str) -> None:
    """Broken, of another kind, too deep, too large: the message says which."""
    assert said in refused(text)[0]


def test_a_file_is_named_in_its_faults(tmp_path: Path) -> None:
    """Path, line, element; a file that is not there as well."""
    path = tmp_path / "m.bpmn"
    path.write_text(diagram("s>t1 t1>e", kinds={"t1": "subProcess"}), encoding="utf-8")
    for place, said in ((path, "line 4, <subProcess> 't1'"), (tmp_path / "none.bpmn", "none.bpmn"), (tmp_path, str(tmp_path))):
        with pytest.raises(InvalidInput) as caught:
            bpmn.load(place)
        assert said in caught.value.problems[0].where


def test_wide_diagrams_are_read_at_once() -> None:
    """Sixty branches side by side, seventy gateways that all lead to each other: no search of all that could happen."""
    wide = [("s", "p1"), ("p2", "e"), *((a, b) for n in range(60) for a, b in (("p1", f"t{n}"), (f"t{n}", "p2")))]
    dense = [("s", "x0"), ("x0", "e"), *((f"x{n}", f"x{m}") for n in range(70) for m in range(70))]
    assert (62, True) == (len(moves(bpmn.loads(diagram(wide)))), bool(moves(bpmn.loads(diagram(dense)))))


# Writing


def lost(text: str) -> dict[str, str]:
    """What BPMN cannot say of a process, by place."""
    written = bpmn.dump(Process.from_tree(tree(text)))
    bpmn.loads(written.text)
    found = {"": str(written.exact)}
    for problem in written.lost:
        found[problem.where] = f"{found.get(problem.where, '')} {problem.message}"
    return found


def test_a_process_is_written_and_read_again() -> None:
    """Steps, actions, their names, titles and roles; forks, joins, alternatives, what moves nothing."""
    process = Process.from_tree(
        tree("""
        [roles]
        boss = {}
        clerk = {}
        [steps]
        a = { title = { en = "A <&> \\"b\\"" } }
        b = {}
        c = {}
        d = {}
        [actions]
        split = { from = "waiting", to = ["a", "b"], roles = ["boss", "clerk"], name = "Split it" }
        note = { from_any = ["a", "waiting"], roles = ["clerk"] }
        ready = { from_any = ["a", "d"], to = "c", roles = ["clerk"] }
        redo = { from = "c", to = "d", roles = ["boss"] }
        """)
    )
    written = bpmn.dump(process)
    again = bpmn.loads(written.text).process
    assert (True, process.net) == (written.exact, again.net)
    assert 'A <&> "b"' == again.title("a")
    assert {key: (a.roles, a.name) for key, a in process.definition.actions.items()} == {
        key: (a.roles, a.name) for key, a in again.definition.actions.items()
    }


@pytest.mark.parametrize(
    ("more", "where", "said"),
    [
        ('[actions]\nstop = { from = "waiting", to = "done", cancels = ["*"], roles = ["clerk"] }', "actions.stop", "cancels"),
        (
            '[steps]\nbeside = {}\n[actions]\nadd = { from = "waiting", adds = ["beside"], roles = ["clerk"] }',
            "actions.add",
            "beside",
        ),
        ('[actions]\nreopen = { from = "done", to = "waiting", roles = ["clerk"] }', "steps.done", "no way out"),
        ('[actions]\nagain = { from = "waiting", to = "waiting", roles = ["clerk"] }', "actions.again", "its own step"),
        (
            (
                '[steps]\nx = {}\n[actions]\nfork = { from = "waiting", to = ["waiting", "x"], roles = ["clerk"] }\n'
                'meet = { join = ["waiting", "x"], to = "done", roles = ["clerk"] }'
            ),
            "actions.meet",
            "has another way out",
        ),
        (
            '[actions]\nchoose = { from = "waiting", roles = ["clerk"], form = "F", to = { by = "form.x", a = "waiting", b = "done" } }',
            "actions.choose",
            "a value chooses the way",
        ),
        (
            (
                '[steps]\nx = {}\ny = {}\n[actions]\nsplit = { from = "waiting", to = ["x", "y"], roles = ["clerk"] }\n'
                'meet = { join = ["x", "y"], need = 1, to = "done", cancels = ["*"], roles = ["clerk"] }'
            ),
            "actions.meet",
            "waits for 1 of 2",
        ),
        ('[actions]\ngo = { from = "waiting", to = [], roles = ["clerk"] }', "actions.go", "takes its token away"),
    ],
)
def test_what_bpmn_cannot_say_is_told(more: str, where: str, said: str) -> None:
    """Each action or step of which the net is another when read again."""
    found = lost(more)
    assert ("False", True) == (found[""], said in found[where])


def test_a_step_has_one_place() -> None:
    """A copied gateway, with the key it was written with, is refused."""
    text = bpmn.dump(Process.load("errand")).text
    copied = text.replace("<userTask", '<exclusiveGateway id="copy" qms:key="waiting"/><userTask', 1)
    assert "qms:key 'waiting' stands twice" in refused(copied)[-1]


def test_what_is_beside_the_net_is_told_and_the_net_is_the_same() -> None:
    """Clocks, limits and duties are left in the definition."""
    process = Process.load("errand")
    written = bpmn.dump(process, "vi")
    assert (True, ["actions.ask", "actions.finish", "limits"]) == (written.exact, [problem.where for problem in written.lost])
    again: Any = bpmn.loads(written.text)
    assert (process.net, "Đang chờ làm") == (again.process.net, again.process.title("waiting"))


@pytest.mark.parametrize("name", ["one-stop", "nonconformity"])
def test_shipped_processes_are_written_as_far_as_bpmn_goes(name: str) -> None:
    """They cancel and put beside, which is told; what is written is read, with every step."""
    process = Process.load(name)
    written = bpmn.dump(process)
    again = bpmn.loads(written.text).process
    assert not written.exact
    assert set(process.definition.steps) <= set(again.definition.steps)
