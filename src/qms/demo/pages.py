"""What the simulated year shows: the pages of the demo, in English or Vietnamese, and the same facts for JSON.

Rule 1: every page says at its top that it is simulated. No figure here is one of a real office.
Rule 2: pages are made from the store through the organization, never from what the simulation remembers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pendulum
from attrs import frozen

from ..measure.indicators import Cause, Line, Table
from ..ports import Verification
from ..report import bar, instant, percent, table
from .world import YEAR

__all__ = ["WORDS", "Outcome", "Story", "Walk", "facts", "pages"]


@frozen
class Story:
    """One dossier told by its ledger: which (over Tết, restarted, late), its dates, and what was counted."""

    kind: str
    id: str
    title: Mapping[str, str]
    dates: tuple[tuple[str, pendulum.DateTime | None], ...]
    ledger: Mapping[str, str]


@frozen
class Walk:
    """One nonconformity from its report to its effective close: who did what, when."""

    id: str
    text: Mapping[str, str]


@frozen
class Outcome:
    """Everything the pages tell."""

    asked: int
    seed: int
    fields: Mapping[str, Mapping[str, str]]
    table: Table
    stories: tuple[Story, ...]
    raised: int
    by_state: Mapping[str, int]
    causes: tuple[Cause, ...]
    walk: Walk | None
    denied: Mapping[str, int]
    events: int
    verification: Verification

    @property
    def good(self) -> bool:
        """Whether the cohorts balance and the trail is consistent."""
        return not self.table.check() and self.verification.consistent


WORDS: Mapping[str, Mapping[str, str]] = {
    "simulated": {"en": "SIMULATED: no figure here is of a real office", "vi": "MÔ PHỎNG: không có số liệu của cơ quan thật"},
    "year": {"en": "A district's year", "vi": "Một năm của một huyện"},
    "received of": {"en": "dossiers received, seed", "vi": "hồ sơ tiếp nhận, hạt giống"},
    "field": {"en": "field", "vi": "lĩnh vực"},
    "carried": {"en": "carried over", "vi": "kỳ trước"},
    "received": {"en": "received", "vi": "mới nhận"},
    "early": {"en": "early", "vi": "trước hạn"},
    "on-time": {"en": "on time", "vi": "đúng hạn"},
    "late": {"en": "late", "vi": "quá hạn"},
    "refused": {"en": "refused at intake", "vi": "không nhận"},
    "withdrawn": {"en": "withdrawn", "vi": "rút"},
    "stopped": {"en": "stopped", "vi": "dừng"},
    "open": {"en": "open", "vi": "đang xử lý"},
    "paused": {"en": "paused", "vi": "tạm dừng"},
    "rate": {"en": "on-time rate", "vi": "tỷ lệ đúng hạn"},
    "total": {"en": "all", "vi": "tổng"},
    "balanced": {"en": "carried over + received = done + open:", "vi": "kỳ trước + mới nhận = đã xong + đang xử lý:"},
    "tet": {"en": "Over Tết", "vi": "Qua Tết"},
    "restart": {"en": "Counted again from the beginning", "vi": "Tính lại từ đầu"},
    "apology": {"en": "Late, with its apology and its three dates", "vi": "Quá hạn, có xin lỗi và ba ngày hẹn"},
    "accepted_at": {"en": "accepted", "vi": "tiếp nhận"},
    "statutory_due": {"en": "due by law", "vi": "hạn theo luật"},
    "first_promise": {"en": "first promise", "vi": "hẹn lần đầu"},
    "current_promise": {"en": "last promise", "vi": "hẹn lần cuối"},
    "finished_at": {"en": "finished", "vi": "xong"},
    "quality": {"en": "Nonconformities", "vi": "Sự không phù hợp"},
    "raised": {
        "en": "raised by rule, once for each dossier that ended late:",
        "vi": "lập theo quy tắc, mỗi hồ sơ quá hạn một lần:",
    },
    "cause": {"en": "cause", "vi": "nguyên nhân"},
    "share": {"en": "share", "vi": "tỷ lệ"},
    "cumulative": {"en": "cumulative", "vi": "lũy kế"},
    "walk": {"en": "One of them, to its effective close", "vi": "Một phiếu, đến khi đóng có hiệu lực"},
    "denied": {"en": "attempts denied, each on record:", "vi": "thao tác bị từ chối, đều có ghi lại:"},
    "trail": {"en": "The trail", "vi": "Nhật ký"},
    "records": {"en": "records", "vi": "bản ghi"},
    "root": {"en": "root", "vi": "gốc"},
    "none": {"en": "none", "vi": "không có"},
    "analysing": {"en": "no cause recorded yet", "vi": "chưa ghi nguyên nhân"},
}


def pages(outcome: Outcome, language: str = "en") -> str:
    """All the pages, one under the other."""
    words = {key: value[language] for key, value in WORDS.items()}
    made = [_year(outcome, words, language)]
    made += [_story(story, words, language) for story in outcome.stories]
    made += [_quality(outcome, words, language), _trail(outcome, words)]
    return "\n\n".join(made)


def _head(title: str, words: Mapping[str, str]) -> str:
    line = f"{title} · {words['simulated']}"
    return f"{line}\n{'═' * len(line)}"


def _year(outcome: Outcome, words: Mapping[str, str], language: str) -> str:
    names = (
        "field",
        "carried",
        "received",
        "early",
        "on-time",
        "late",
        "refused",
        "withdrawn",
        "stopped",
        "open",
        "paused",
        "rate",
    )
    rows = [_row(line, outcome.fields[line.field][language], language) for line in outcome.table.lines]
    total = outcome.table.total
    body = table([words[n] for n in names], rows, right=range(1, 12), foot=_row(total, words["total"], language))
    sums = f"{total.carried_over} + {total.received} = {total.done} + {total.open}"
    faults = [f"! {problem}" for problem in outcome.table.check()]
    head = _head(f"{words['year']} {YEAR}: {total.received:,} {words['received of']} {outcome.seed}", words)
    return "\n".join(
        [head, body, "", f"{words['balanced']} {sums}", f"{words['rate']}: {percent(total.rate, language)}", *faults]
    )


def _row(line: Line, name: str, language: str) -> tuple[object, ...]:
    closed = (line.refused, line.withdrawn, line.stopped, line.open, line.paused)
    return (name, line.carried_over, line.received, line.early, line.on_time, line.late, *closed, percent(line.rate, language))


def _story(story: Story, words: Mapping[str, str], language: str) -> str:
    lines = [_head(words[story.kind], words), f"{story.id} · {story.title.get(language) or next(iter(story.title.values()))}"]
    lines += [f"  {words[name]:18} {instant(at, language)}" for name, at in story.dates if at is not None]
    return "\n".join([*lines, "", story.ledger[language]])


def _quality(outcome: Outcome, words: Mapping[str, str], language: str) -> str:
    states = ", ".join(f"{state} {n}" for state, n in sorted(outcome.by_state.items())) or words["none"]
    lines = [_head(words["quality"], words), f"{words['raised']} {outcome.raised}", f"  {states}", ""]
    lines.append(_pareto(outcome.causes, words, language) if outcome.causes else words["analysing"])
    if outcome.walk is not None:
        lines += ["", f"{words['walk']}:", "", outcome.walk.text[language]]
    return "\n".join(lines)


def _pareto(causes: Sequence[Cause], words: Mapping[str, str], language: str) -> str:
    rows = [
        (cause.key, cause.n, percent(cause.share, language), percent(cause.cumulative, language), bar(cause.share / 100))
        for cause in causes
    ]
    return table((words["cause"], "n", words["share"], words["cumulative"], ""), rows, right={1, 2, 3})


def _trail(outcome: Outcome, words: Mapping[str, str]) -> str:
    found = outcome.verification
    denied = ", ".join(f"{code} {n}" for code, n in sorted(outcome.denied.items())) or words["none"]
    return "\n".join(
        [
            _head(words["trail"], words),
            f"{found.size:,} {words['records']}",
            f"{words['root']} {found.root.hex()}",
            str(found),
            f"{words['denied']} {denied}",
        ]
    )


def facts(outcome: Outcome) -> dict[str, Any]:
    """What the pages tell, as plain values for JSON; rates are text, since a float cannot hold them."""
    return {
        "simulated": True,
        "year": YEAR,
        "seed": outcome.seed,
        "dossiers": outcome.asked,
        "table": [_line(line) for line in outcome.table.lines],
        "total": _line(outcome.table.total),
        "balanced": not outcome.table.check(),
        "on_time_rate": _text(outcome.table.total.rate),
        "stories": [_told(story) for story in outcome.stories],
        "nonconformities": {
            "raised": outcome.raised,
            "by_state": dict(outcome.by_state),
            "pareto": [
                {"cause": c.key, "n": c.n, "share": _text(c.share), "cumulative": _text(c.cumulative), "vital": c.vital}
                for c in outcome.causes
            ],
            "walked": None if outcome.walk is None else {"id": outcome.walk.id, "text": dict(outcome.walk.text)},
        },
        "denied": dict(outcome.denied),
        "events": outcome.events,
        "trail": outcome.verification.to_tree(),
    }


def _line(line: Line) -> dict[str, Any]:
    names = ("carried_over", "received", "early", "on_time", "late", "refused", "withdrawn", "stopped", "open", "paused")
    counts = {name: getattr(line, name) for name in names}
    return {"field": line.field} | counts | {"done": line.done, "on_time_rate": _text(line.rate)}


def _told(story: Story) -> dict[str, Any]:
    dates = {name: None if at is None else at.isoformat() for name, at in story.dates}
    return {"kind": story.kind, "id": story.id, "title": dict(story.title), "dates": dates, "ledger": dict(story.ledger)}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
