"""The page about logs says what a run says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pendulum
import pytest

from qms.exchange.discover import Draft, discover
from qms.exchange.logs import LogFigures, figures, open_log
from qms.exchange.replay import ReplayReport, replay
from qms.report import draft_page, log_page, replay_page
from qms.stores import MemoryStore

PAGE = Path(__file__).resolve().parents[2] / "docs" / "logs.md"
pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="the documentation is not beside these tests")


@pytest.fixture(scope="module")
def page() -> str:
    """The words of the page."""
    return PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def found(shared_data: Path) -> LogFigures:
    """The figures of the log."""
    return figures(open_log(shared_data / "logs" / "receipt.xes.gz", timeless=True))


@pytest.fixture(scope="module")
def usual(found: LogFigures) -> Draft:
    """The draft at share 0.05."""
    return discover(found, name="receipt", min_share="0.05")


@pytest.fixture(scope="module")
def report(shared_data: Path, usual: Draft) -> ReplayReport:
    """The replay of the log by that draft."""
    log = open_log(shared_data / "logs" / "receipt.xes.gz")
    return replay(log, usual.process, store=MemoryStore, now=lambda: pendulum.datetime(2026, 11, 23))


def test_the_page_shows_the_figures(page: str, found: LogFigures) -> None:
    """The first four lines of the command's answer, and all that is doubtful."""
    told = log_page(found.to_tree())
    assert all(line in page for line in told.splitlines()[:4])
    assert told.rpartition("\n\n")[2] in page


def test_the_page_shows_the_drafts(page: str, found: LogFigures, usual: Draft) -> None:
    """Steps, actions and paths at both shares."""
    whole = discover(found, name="receipt")
    assert [True, True] == [draft_page(draft.to_tree()) in page for draft in (whole, usual)]


def test_the_page_tells_the_replay(page: str, report: ReplayReport) -> None:
    """What conforms, whose acts deviate, what is repeated, which step is the slowest."""
    facts: dict[str, Any] = report.to_tree()
    told = replay_page(facts).splitlines()
    assert (True, True) == (told[0] in page, told[2] in page)
    worst = facts["deviations_by_resource"][0]
    assert f"`{worst['resource']}`: {worst['n']} of {worst['acts']}" in page
    assert f"({facts['rework']['cases']} cases)" in page
    slow = next(line for line in told if line.startswith("After: T10"))
    assert (True, True) == ("4 h 31 min" in slow, "150 h 36 min" in slow)
    others = [step for step in facts["steps"] if step["step"] != facts["slowest_steps"][0]]
    assert 60_000_000 > max(step["elapsed"]["median_us"] for step in others)
