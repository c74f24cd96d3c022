"""What a replayed log shows, on one page: figures, where it parts from its process, how timely it was, what is doubtful.

It is told from the plain facts of a replay, so that page and JSON cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .text import length, table

__all__ = ["replay_page"]

SHOWN = 10

_WORDS = {
    "en": {
        "figures": "{cases:,} cases, {events:,} events, {variants:,} variants",
        "conforming": "{n:,} cases follow the process; deviations:",
        "none": "none",
        "action": "action",
        "why": "why",
        "against": "against",
        "compare": "compared by",
        "finished": "finished",
        "early": "early",
        "on_time": "on time",
        "late": "late",
        "open": "open",
        "agree": "{against}: {same_date:,} of {n:,} on the local date that {clock} reckons, {same_second:,} at the same second",
        "doubtful": "doubtful about the data:",
        "resource": "who",
        "acts": "acts",
        "deviating": "deviating",
        "rework": "{cases:,} cases repeat an activity:",
        "activity": "activity",
        "cases": "cases",
        "slowest": "the slowest steps, by the median of working time:",
        "step": "step",
        "stays": "stays",
        "working": "working: median",
        "elapsed": "elapsed: median",
        "p90": "9 of 10 within",
        "form": "{n:,} warnings about the form of the file; nothing was lost by them. The first: {first}",
        "trail": "trail: {size:,} records, root {root}",
    },
    "vi": {
        "figures": "{cases:,} hồ sơ, {events:,} sự kiện, {variants:,} biến thể",
        "conforming": "{n:,} hồ sơ theo đúng quy trình; sai lệch:",
        "none": "không có",
        "action": "thao tác",
        "why": "lý do",
        "against": "so với",
        "compare": "so theo",
        "finished": "đã xong",
        "early": "trước hạn",
        "on_time": "đúng hạn",
        "late": "quá hạn",
        "open": "đang xử lý",
        "agree": "{against}: {same_date:,} trên {n:,} trùng ngày mà {clock} tính, {same_second:,} trùng đến giây",
        "doubtful": "dữ liệu đáng ngờ:",
        "resource": "người làm",
        "acts": "số lần làm",
        "deviating": "sai lệch",
        "rework": "{cases:,} hồ sơ lặp lại công việc:",
        "activity": "công việc",
        "cases": "hồ sơ",
        "slowest": "các bước chậm nhất, theo trung vị thời gian làm việc:",
        "step": "bước",
        "stays": "lượt",
        "working": "làm việc: trung vị",
        "elapsed": "thực tế: trung vị",
        "p90": "9/10 trong vòng",
        "form": "{n:,} cảnh báo về dạng của tệp; không mất gì. Đầu tiên: {first}",
        "trail": "nhật ký: {size:,} bản ghi, gốc {root}",
    },
}


def replay_page(facts: Mapping[str, Any], language: str = "en") -> str:
    """The page of a replay, from the *facts* of its report (`qms.exchange.replay.ReplayReport.to_tree`)."""
    words = _WORDS[language]
    parts = [f"{facts['process']}: {words['figures'].format(**facts)}"]
    deviations = [(d["action"], d["n"], d["reason"]) for d in facts["deviations"]]
    parts.append(words["conforming"].format(n=facts["conforming_cases"]))
    parts.append(table((words["action"], "n", words["why"]), deviations, right={1}) if deviations else words["none"])
    parts += _resources(facts, words) + _rework(facts, words) + _steps(facts, words, language)
    if facts["on_time"]:
        names = ("against", "compare", "finished", "early", "on_time", "late", "open")
        rows = [tuple(line[name] for name in names) for line in facts["on_time"]]
        parts.append(table([words[name] for name in names], rows, right={2, 3, 4, 5, 6}))
    parts += [words["agree"].format(**line) for line in facts["agreements"]]
    doubts = [f"  {f['message']}: {f['n']:,} ({', '.join(f['where'])})" for f in facts["findings"]]
    parts.append("\n".join([words["doubtful"], *(doubts or [f"  {words['none']}"])]))
    if facts["warnings"]:
        parts.append(words["form"].format(n=facts["warned"], first=facts["warnings"][0]))
    parts.append(words["trail"].format(**facts["trail"]))
    return "\n\n".join(parts)


def _resources(facts: Mapping[str, Any], words: Mapping[str, str]) -> list[str]:
    rows = [(line["resource"], f"{line['n']:,}", f"{line['acts']:,}") for line in facts["deviations_by_resource"][:SHOWN]]
    return [table((words["resource"], words["deviating"], words["acts"]), rows, right={1, 2})] if rows else []


def _rework(facts: Mapping[str, Any], words: Mapping[str, str]) -> list[str]:
    rework = facts["rework"]
    rows = sorted(rework["activities"].items(), key=lambda row: (-row[1], row[0]))[:SHOWN]
    if not rows:
        return []
    return [words["rework"].format(**rework), table((words["activity"], words["cases"]), rows, right={1})]


def _steps(facts: Mapping[str, Any], words: Mapping[str, str], language: str) -> list[str]:
    steps = {step["step"]: step for step in facts["steps"]}
    rows = []
    for step in (steps[name] for name in facts["slowest_steps"]):
        working, elapsed = step["working"], step["elapsed"]
        hours = [length(working[name], language, days=False) for name in ("median_us", "p90_us")]
        days = [length(elapsed[name], language) for name in ("median_us", "p90_us")]
        rows.append((step["title"], f"{step['n']:,}", *hours, *days))
    head = [words[name] for name in ("step", "stays", "working", "p90", "elapsed", "p90")]
    return [words["slowest"], table(head, rows, right={1, 2, 3, 4, 5})] if rows else []
