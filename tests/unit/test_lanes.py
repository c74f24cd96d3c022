"""Processes drawn by roles and clocks, and the path of a case in a drawing."""

from __future__ import annotations

import pytest

from definitions import Desk, small
from office import Now, office
from qms.event import Acted as Act
from qms.event import When
from qms.lanes import Passage
from qms.process import Process

DRAWN = """
limits.legal = { period = "5 working days", title = { en = "Legal limit", vi = "Thời hạn" } }
limits.window = { from = "procedure" }
blanks.mode = ["restart", "resume"]
[roles]
clerk = { title = { en = "Clerk", vi = "Chuyên viên" } }
head = {}
[steps.asked]
title = { en = "Asked", vi = "Đã hỏi" }
[steps.left]
[steps.right]
[steps.beside]
[actions.ask]
title = { en = "Ask", vi = "Hỏi" }
from = "new"
to = "waiting"
roles = ["clerk"]
clocks.legal = "start"
[actions.hold]
from = "waiting"
to = "asked"
roles = ["clerk", "head"]
clocks = { legal = "pause", window = "start" }
[actions.go-on]
from = "asked"
to = "waiting"
roles = ["head"]
clocks.legal = { by = "procedure.mode", restart = "restart", resume = "resume" }
[actions.longer]
from = "asked"
roles = ["head"]
form = "Paper"
clocks.legal = { extend = "form.period" }
[actions.lapse]
from = "asked"
to = "done"
cancels = ["*"]
fired_by = "window"
[actions.warn]
from = "waiting"
fired_by = { limit = "legal", before = "1 working day" }
[actions.tell]
from = "waiting"
fired_by = { limit = "legal", after = "1 working day" }
[actions.split]
from = "waiting"
to = ["left", "right"]
roles = ["clerk"]
[actions.meet]
join = ["left", "right"]
need = 1
to = { by = "form.result", ok = "done", no = "waiting" }
cancels = ["*"]
roles = ["head"]
form = "Paper"
clocks.legal = { by = "form.result", ok = "stop", no = "none" }
[actions.request]
from = "waiting"
adds = ["beside"]
roles = ["clerk"]
[actions.settle]
from = "beside"
to = []
roles = ["head"]
[actions.finish]
from = "waiting"
to = "done"
cancels = ["beside"]
roles = ["clerk"]
raises = [{ process = "small", action = "ask" }]
"""


def drawn(language: str = "en", **more: object) -> list[str]:
    """The lines of the drawing, without their indentation."""
    return [line.strip() for line in small(DRAWN).mermaid(language, lanes=True, **more).splitlines()]


def test_each_action_stands_in_the_lane_of_its_first_role():
    """And each step with who takes a case on from there; what the system does has a lane of its own."""
    lines = drawn()
    lanes = [line.partition('"')[2].rstrip('"]') for line in lines if line.startswith("subgraph")]
    assert ["Clerk", "head", "System"] == lanes
    clerk, head, system = (lines[lines.index(f'subgraph lane_{n}["{lane}"]') :] for n, lane in enumerate(lanes, 1))
    inside = [
        {line.partition("[")[0].partition("(")[0] for line in lane[1 : lane.index("end")]} for lane in (clerk, head, system)
    ]
    assert {"a_ask", "a_hold", "a_split", "a_request", "a_finish", "s_waiting", "s_done"} == inside[0]
    assert {"a_go_on", "a_longer", "a_meet", "a_settle", "s_asked", "s_left", "s_right", "s_beside"} == inside[1]
    assert {"a_lapse", "a_warn", "a_tell"} == inside[2]


@pytest.mark.parametrize(
    "box",
    [
        'a_ask["Ask<br/>▶ Legal limit (5 working days)"]',
        'a_hold["hold<br/>+ head<br/>⏸ Legal limit<br/>▶ window"]',
        'a_go_on["go-on<br/>↻/⏯ Legal limit"]',
        'a_longer["longer<br/>⏩ Legal limit"]',
        'a_lapse["lapse<br/>⏱ window<br/>✕ #42;"]',
        'a_warn["warn<br/>⏱ Legal limit − 1 working day"]',
        'a_tell["tell<br/>⏱ Legal limit + 1 working day"]',
        'a_meet["meet 1/2<br/>⏹ Legal limit<br/>✕ #42;"]',
        'a_finish["finish<br/>✕ beside<br/>⇒ small"]',
        's_asked(["Asked"])',
        's_done((("done")))',
    ],
)
def test_a_box_says_its_limits_and_what_it_does_to_clocks(box):
    """Marks that need no language beside titles that have one."""
    assert box in drawn()


@pytest.mark.parametrize(
    "arrow",
    [
        "start --> a_ask",
        "a_ask --> s_waiting",
        "a_split --> s_left",
        "a_split --> s_right",
        "s_left --> a_meet",
        "s_right --> a_meet",
        'a_meet -->|"ok"| s_done',
        'a_meet -->|"no"| s_waiting',
        'a_request -->|"+"| s_beside',
        "s_waiting --> a_warn",
    ],
)
def test_arrows_are_the_game(arrow):
    """Into a box its alternatives or what it joins, out of it a fork or a choice."""
    assert 1 == drawn().count(arrow)


def test_the_drawing_speaks_vietnamese():
    """Titles and periods; marks stay."""
    lines = drawn("vi")
    assert 'a_ask["Hỏi<br/>▶ Thời hạn (5 ngày làm việc)"]' in lines and 'subgraph lane_3["Hệ thống"]' in lines


def test_no_two_nodes_have_one_name():
    """Names that differ only in what Mermaid cannot read."""
    process = small('steps."a.b" = {}\nsteps."a-b" = {}\nactions.go = { from = "waiting", to = "a.b", roles = ["clerk"] }')
    text = process.mermaid(lanes=True)
    assert 's_a_b(["a.b"])' in text and 's_a_b_3(["a-b"])' in text


def worked() -> Desk:
    """A case held, gone on with, split; its history is a loop."""
    desk = Desk(DRAWN, procedure={"blanks": {"mode": "resume"}, "limits": {"window": "3 days"}})
    desk.do("02 09:00", "ask")
    desk.do("02 10:00", "hold")
    desk.do("02 11:00", "go-on", "hoa")
    desk.do("02 12:00", "split")
    return desk


def test_the_path_of_a_case_is_marked():
    """Boxes and steps it has passed, where it stands, and the very arrows it went along."""
    desk = worked()
    lines = drawn(case=desk.case, history=desk.events)
    assert "class a_ask,a_hold,a_go_on,a_split,s_waiting,s_asked passed" in lines
    assert "class s_left,s_right current" in lines
    arrows = [line for line in lines if "-->" in line]
    (marked,) = (line for line in lines if line.startswith("linkStyle"))
    numbers = [int(n) for n in marked.split()[1].split(",")]
    assert [
        "start --> a_ask",
        "a_ask --> s_waiting",
        "s_waiting --> a_hold",
        "a_hold --> s_asked",
        "s_asked --> a_go_on",
        "a_go_on --> s_waiting",
        "s_waiting --> a_split",
        "a_split --> s_left",
        "a_split --> s_right",
    ] == [arrows[n] for n in numbers]
    assert any('["✓ Ask<br/>' in line for line in lines)


def test_without_its_history_a_case_tells_what_is_sure():
    """Of an action with several ways only that it was done."""
    case = worked().case
    assert {"ask", "hold", "go-on", "split"} == Passage.known(case.steps, case.doers, small(DRAWN).net).actions
    passage = Passage.known({"done"}, {"meet"}, small(DRAWN).net)
    assert (frozenset(), frozenset({"meet"})) == (passage.arrows, passage.actions)
    assert "class s_left,s_right current" in drawn(case=case)


def test_what_was_undone_is_no_part_of_the_path():
    """The history keeps it; the drawing shows the way to where the case stands."""
    text = (
        DRAWN.replace('roles = ["clerk", "head"]', 'roles = ["clerk", "head"]\nundoable = true')
        .replace('{ from = "procedure" }', '"3 days"')
        .replace('blanks.mode = ["restart", "resume"]', 'blanks.mode = { values = ["restart", "resume"], default = "resume" }')
    )
    org = office(small(text), now=Now())
    org.open("small", by="lan")
    org.act("a", "hold", by="lan")
    org.undo("a", by="lan", reason="a slip")
    passage = Passage.of(org.case("a").steps, org.history("a"))
    assert ({"waiting"}, {"ask"}, frozenset()) == (passage.steps, passage.actions, passage.passed)


def test_a_step_named_like_an_action_is_another_thing():
    """Arrows say which is meant."""
    act = Act(2, "draft", "lan", When(1, 1), ("draft",), ("done",), True)
    assert {"draft"} == Passage.of({"done"}, [act]).passed - {"new"}


def test_the_diagram_of_states_marks_the_path_too():
    """Steps by a class, actions by a tick."""
    desk = worked()
    text = small(DRAWN).mermaid(case=desk.case, history=desk.events)
    assert "class s_waiting,s_asked passed" in text and "class s_left,s_right current" in text and "✓ Ask" in text
    assert "✓" not in small(DRAWN).mermaid()


@pytest.mark.parametrize("name", ["one-stop", "nonconformity", "errand"])
def test_shipped_processes_are_drawn_whole(name):
    """Every step and action has one node."""
    process = Process.load(name)
    text = process.mermaid("vi", lanes=True)
    assert len(process.net.steps) == text.count("([") + text.count("(((")
    assert all(f"a_{key.replace('-', '_')}[" in text for key in process.net.actions)
