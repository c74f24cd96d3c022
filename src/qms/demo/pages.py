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
    """One dossier told by its ledger: which (over Tết, restarted, late), its dates, and what was counted.

    `late` says by how much the law's date was missed, in words; `apology` when, by whom and why; `kept` whether the last
    promise was kept, where there was another than the first.
    """

    kind: str
    id: str
    title: Mapping[str, str]
    dates: tuple[tuple[str, pendulum.DateTime | None], ...]
    late: Mapping[str, str] | None
    apology: tuple[pendulum.DateTime, str, str] | None
    kept: bool | None
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
    states: Mapping[str, Mapping[str, str]]
    causes: tuple[Cause, ...]
    walk: Walk | None
    denied: Mapping[str, int]
    events: int
    verification: Verification

    @property
    def good(self) -> bool:
        """Whether the cohorts balance and the trail is consistent."""
        return not self.table.check() and self.verification.consistent


CAUSES: Mapping[str, Mapping[str, str]] = {
    "no-stand-in": {"en": "nobody stood in", "vi": "không có người trực thay"},
    "work-piled-up": {"en": "work piled up", "vi": "hồ sơ dồn về một người"},
    "site-visit-late": {"en": "site visit too late", "vi": "đi thực địa muộn"},
    "data-from-another-agency": {"en": "data of another agency", "vi": "dữ liệu cơ quan khác"},
    "unclear-form": {"en": "draft form unclear", "vi": "mẫu dự thảo khó hiểu"},
    "system-outage": {"en": "system outage", "vi": "phần mềm gián đoạn"},
}

WORDS: Mapping[str, Mapping[str, str]] = {
    "simulated": {"en": "SIMULATED: no figure here is of a real office", "vi": "MÔ PHỎNG: không có số liệu của cơ quan thật"},
    "year": {"en": "A district's year", "vi": "Một năm của một huyện"},
    "received of": {"en": "dossiers received, seed", "vi": "hồ sơ tiếp nhận, hạt giống"},
    "field": {"en": "field", "vi": "lĩnh vực"},
    "carried": {"en": "carried\nover", "vi": "kỳ\ntrước"},
    "received": {"en": "received", "vi": "mới\nnhận"},
    "early": {"en": "early", "vi": "trước\nhạn"},
    "on-time": {"en": "on\ntime", "vi": "đúng\nhạn"},
    "late": {"en": "late", "vi": "quá\nhạn"},
    "refused": {"en": "refused\nat intake", "vi": "không\nnhận"},
    "withdrawn": {"en": "withdrawn", "vi": "rút"},
    "stopped": {"en": "stopped", "vi": "dừng"},
    "open": {"en": "open", "vi": "đang\nxử lý"},
    "paused": {"en": "paused", "vi": "tạm\ndừng"},
    "rate": {"en": "on-time\nrate", "vi": "tỷ lệ\nđúng hạn"},
    "total": {"en": "all", "vi": "tổng"},
    "balanced": {"en": "carried over + received = done + open:", "vi": "kỳ trước + mới nhận = đã xong + đang xử lý:"},
    "judged": {
        "en": "early: on an earlier day than the law's date; late: after its instant, whatever was promised later",
        "vi": "trước hạn: xong vào ngày sớm hơn hạn theo luật; quá hạn: sau thời điểm đó, dù đã hẹn lại",
    },
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
    "sorry": {"en": "apology", "vi": "xin lỗi"},
    "late by": {"en": "late by", "vi": "quá hạn"},
    "promise": {"en": "last promise was", "vi": "lời hẹn cuối"},
    "kept": {"en": "kept", "vi": "giữ được"},
    "broken": {"en": "not kept", "vi": "không giữ được"},
    "known": {"en": "causes recorded so far:", "vi": "đã ghi nguyên nhân:"},
    "consistent": {"en": "consistent, completeness unknown", "vi": "nhất quán; có đầy đủ không thì chưa biết"},
    "inconsistent": {"en": "inconsistent", "vi": "không nhất quán"},
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
        [
            head,
            body,
            "",
            f"{words['balanced']} {sums}",
            f"{words['rate'].replace(chr(10), ' ')}: {percent(total.rate, language)}",
            *faults,
        ]
    )


def _row(line: Line, name: str, language: str) -> tuple[object, ...]:
    closed = (line.refused, line.withdrawn, line.stopped, line.open, line.paused)
    return (name, line.carried_over, line.received, line.early, line.on_time, line.late, *closed, percent(line.rate, language))


def _story(story: Story, words: Mapping[str, str], language: str) -> str:
    lines = [_head(words[story.kind], words), f"{story.id} · {story.title.get(language) or next(iter(story.title.values()))}"]
    lines += [f"  {words[name]:18} {instant(at, language)}" for name, at in story.dates if at is not None]
    if story.apology is not None:
        at, by, why = story.apology
        lines.append(f"  {words['sorry']:18} {instant(at, language)} · {by} · {why}")
    if story.late is not None:
        lines.append(f"  {words['late by']:18} {story.late[language]}")
    if story.kept is not None:
        lines.append(f"  {words['promise']:18} {words['kept' if story.kept else 'broken']}")
    return "\n".join([*lines, "", story.ledger[language]])


def _quality(outcome: Outcome, words: Mapping[str, str], language: str) -> str:
    titles = {state: outcome.states[state][language] for state in outcome.by_state}
    states = ", ".join(f"{titles[state]}: {n}" for state, n in outcome.by_state.items()) or words["none"]
    lines = [_head(words["quality"], words), f"{words['raised']} {outcome.raised}", f"  {states}", ""]
    known = sum(cause.n for cause in outcome.causes)
    lines.append(f"{words['known']} {known} / {outcome.raised}\n" if known else words["analysing"])
    lines += [_pareto(outcome.causes, words, language)] if known else []
    if outcome.walk is not None:
        lines += ["", f"{words['walk']}:", "", outcome.walk.text[language]]
    return "\n".join(lines)


def _pareto(causes: Sequence[Cause], words: Mapping[str, str], language: str) -> str:
    rows = [
        (
            CAUSES[cause.key][language],
            cause.n,
            percent(cause.share, language),
            percent(cause.cumulative, language),
            bar(cause.share / 100),
        )
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
            words["consistent" if found.consistent else "inconsistent"],
            *map(str, found.findings),
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
    late = None if story.late is None else story.late["en"]
    sorry = None
    if story.apology is not None:
        at, by, why = story.apology
        sorry = {"at": at.isoformat(), "by": by, "reason": why}
    told = {"kind": story.kind, "id": story.id, "title": dict(story.title), "dates": dates, "late_by": late, "apology": sorry}
    return told | {"last_promise_kept": story.kept, "ledger": dict(story.ledger)}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
