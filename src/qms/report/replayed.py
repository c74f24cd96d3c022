"""What a replayed log shows, on one page: figures, where it parts from its process, how timely it was, what is doubtful.

It is told from the plain facts of a replay, so that page and JSON cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .text import table

__all__ = ["replay_page"]

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
    if facts["on_time"]:
        names = ("against", "compare", "finished", "early", "on_time", "late", "open")
        rows = [tuple(line[name] for name in names) for line in facts["on_time"]]
        parts.append(table([words[name] for name in names], rows, right={2, 3, 4, 5, 6}))
    parts += [words["agree"].format(**line) for line in facts["agreements"]]
    doubts = [f"  {f['message']}: {f['n']:,} ({', '.join(f['where'])})" for f in facts["findings"]]
    parts.append("\n".join([words["doubtful"], *(doubts or [f"  {words['none']}"])]))
    parts.append(words["trail"].format(**facts["trail"]))
    return "\n\n".join(parts)
