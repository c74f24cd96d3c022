"""What a log says before anyone judges it, on one page; and what a process drawn from it keeps and leaves out.

Both are told from the plain facts, so that page and JSON cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .text import length, table

__all__ = ["draft_page", "log_page"]

SHOWN = 10

_WORDS = {
    "en": {
        "figures": "{cases:,} cases, {events:,} events, {variants:,} variants, {activities:,} activities",
        "from": "from {first} to {last}",
        "lengths": "a case lasts {median} in the median, nine of ten at most {p90}, the longest {max}",
        "rework": "{n:,} cases repeat an activity",
        "activity": "activity",
        "events": "events",
        "begins": "begins",
        "ends": "ends",
        "repeated": "cases that repeat it",
        "first": "first",
        "then": "then directly",
        "n": "n",
        "variant": "most frequent sequences",
        "missing": "without a value:",
        "who": "{resources:,} people or accounts; {unnamed:,} events of nobody",
        "order": "{ties:,} events at the very instant of the one before; {cases:,} cases not in time order; {timeless:,} events without a time",
        "lost": "{n:,} entries are no event; the first faults:",
        "faults": "{n:,} values could not be read; the first:",
        "form": "{n:,} warnings about the form of the file; nothing was lost by them. The first:",
        "draft": "{process}: {steps:,} steps, {actions:,} actions, {paths:,} paths; {dropped:,} rarer paths are left out",
        "rescued": "kept though rarer, since without them a case could not end:",
        "begin": "(begins)",
        "end": "(ends)",
    },
    "vi": {
        "figures": "{cases:,} hồ sơ, {events:,} sự kiện, {variants:,} biến thể, {activities:,} công việc",
        "from": "từ {first} đến {last}",
        "lengths": "trung vị một hồ sơ kéo dài {median}, chín phần mười không quá {p90}, lâu nhất {max}",
        "rework": "{n:,} hồ sơ lặp lại công việc",
        "activity": "công việc",
        "events": "sự kiện",
        "begins": "mở đầu",
        "ends": "kết thúc",
        "repeated": "hồ sơ lặp lại",
        "first": "trước",
        "then": "ngay sau",
        "n": "số lần",
        "variant": "trình tự hay gặp nhất",
        "missing": "thiếu giá trị:",
        "who": "{resources:,} người hoặc tài khoản; {unnamed:,} sự kiện không rõ ai làm",
        "order": "{ties:,} sự kiện cùng thời điểm với sự kiện trước; {cases:,} hồ sơ không theo thứ tự thời gian; {timeless:,} sự kiện không có thời điểm",
        "lost": "{n:,} mục không phải sự kiện; lỗi đầu tiên:",
        "faults": "{n:,} giá trị không đọc được; đầu tiên:",
        "form": "{n:,} cảnh báo về dạng của tệp; không mất gì. Đầu tiên:",
        "draft": "{process}: {steps:,} bước, {actions:,} thao tác, {paths:,} đường đi; bỏ {dropped:,} đường hiếm hơn",
        "rescued": "giữ lại dù hiếm, vì thiếu thì hồ sơ không kết thúc được:",
        "begin": "(mở đầu)",
        "end": "(kết thúc)",
    },
}


def log_page(facts: Mapping[str, Any], language: str = "en") -> str:
    """The page of a log, from the *facts* of its figures (`qms.exchange.logs.LogFigures.to_tree`)."""
    words = _WORDS[language]
    parts = [words["figures"].format(**{**facts, "activities": len(facts["activities"])})]
    if facts["first"] is not None:
        lengths = {name: length(us, language) for name, us in facts["case_duration_us"].items()}
        parts[0] += "\n" + words["from"].format(**facts) + "\n" + words["lengths"].format(**lengths)
    parts[0] += "\n" + words["rework"].format(n=facts["rework_cases"])
    starts, ends, again = facts["starts"], facts["ends"], facts["rework"]
    ordered = sorted(facts["activities"].items(), key=lambda row: (-row[1], row[0]))
    rows = [(name, *(_count(counts.get(name)) for counts in (facts["activities"], starts, ends, again))) for name, _ in ordered]
    head = [words[name] for name in ("activity", "events", "begins", "ends", "repeated")]
    parts.append(table(head, rows, right={1, 2, 3, 4}))
    follows = [(a, b, f"{n:,}") for a, b, n in facts["directly_follows"][:SHOWN]]
    if follows:
        parts.append(table((words["first"], words["then"], words["n"]), follows, right={2}))
    variants = [(f"{line['count']:,}", " → ".join(line["variant"])) for line in facts["top_variants"][:3]]
    parts.append(table((words["n"], words["variant"]), variants, right={0}))
    parts.append(_doubts(facts, words))
    return "\n\n".join(parts)


def _count(n: int | None) -> str | None:
    return None if n is None else f"{n:,}"


def _doubts(facts: Mapping[str, Any], words: Mapping[str, str]) -> str:
    lines = [words["who"].format(resources=facts["resources"], unnamed=facts["events_without_resource"])]
    lines.append(
        words["order"].format(ties=facts["ties"], cases=facts["cases_not_in_time_order"], timeless=facts["events_without_time"])
    )
    if facts["missing"]:
        lines += [words["missing"], *(f"  {name}: {n:,}" for name, n in facts["missing"].items())]
    for name, n, told in (
        ("lost" if facts["entries_lost"] else "faults", facts["entries_lost"] or len(facts["faults"]), facts["faults"]),
        ("form", facts["warned"], facts["warnings"]),
    ):
        if told:
            lines += [words[name].format(n=n), *(f"  {line}" for line in told[:SHOWN])]
    return "\n".join(lines)


def draft_page(facts: Mapping[str, Any], language: str = "en") -> str:
    """What was drawn, from the *facts* of a draft (`qms.exchange.discover.Draft.to_tree`)."""
    words = _WORDS[language]
    counts = {name: len(facts[name]) for name in ("paths", "dropped")}
    lines = [words["draft"].format(**{**facts, **counts})]
    if facts["rescued"]:
        lines.append(words["rescued"])
        lines += [f"  {first or words['begin']} → {then or words['end']}: {n:,}" for first, then, n in facts["rescued"]]
    return "\n".join(lines)
