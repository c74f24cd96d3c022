"""The process sheet: what a process is for, and its steps as the table that an internal procedure prints.

Rule 1: it is a view of the definition, and says nothing that the definition does not.
Rule 2: a row is a step at which a case waits: who is to act there, within what time, with which form, and what comes of it.
What can be done at all steps of a phase is told once, in a row of its own.
Rule 3: the time of a row is the share that the procedure gives the step; else each limit that what leads there starts and
what leaves it ends. The main limit stands above the table; in it, where all that leaves the step ends it.

ISO 9001:2015, 4.4.1 a-h; the table of the quy trình nội bộ: bước, trách nhiệm, thời gian, biểu mẫu, kết quả.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from attrs import frozen

from .definition import NEW, Action, Choice, ClockEffect, Limit, ProcedureDefinition, ProcessDefinition, Texts
from .limits import TimeLimit

__all__ = ["SheetRow", "process_sheet", "sheet_rows"]


@frozen
class SheetRow:
    """A step, in words: what is done there, who answers for it, within what time, on which form, and the result."""

    step: str
    title: str
    actions: tuple[str, ...]
    responsible: tuple[str, ...]
    time: tuple[str, ...]
    forms: tuple[str, ...]
    results: tuple[str, ...]


def sheet_rows(
    definition: ProcessDefinition, language: str = "en", procedure: ProcedureDefinition | None = None
) -> tuple[SheetRow, ...]:
    """A row for each step that something leaves, in the order of the definition, in ``en`` or ``vi``; first the opening."""
    return tuple(_Sheet(definition, language, procedure).rows())


def process_sheet(definition: ProcessDefinition, language: str = "en", procedure: ProcedureDefinition | None = None) -> str:
    """The whole sheet as text: a head of lines, then the table (Markdown), in ``en`` or ``vi``; what is not said is left out."""
    sheet = _Sheet(definition, language, procedure)
    head = [f"# {sheet.name}", "", *sheet.head()]
    table = [[sheet.word(key) for key in _COLUMNS], ["---"] * len(_COLUMNS)]
    for number, row in enumerate(sheet.rows(), 1):
        cells = (row.actions, row.responsible, row.time, row.forms, row.results)
        table.append([str(number), row.title, *("; ".join(cell) or "–" for cell in cells)])
    lines = ["| " + " | ".join(text.replace("|", "/") for text in cells) + " |" for cells in table]
    return "\n".join([*head, "", *lines]) + "\n"


class _Sheet:
    """One sheet in the making."""

    def __init__(self, definition: ProcessDefinition, language: str, procedure: ProcedureDefinition | None) -> None:
        self.definition = definition
        self.language = language if language in _WORDS else "en"
        self.procedure = procedure
        own = titled(definition.title, self.language, definition.name)
        told = titled(procedure.title, self.language, procedure.code) if procedure is not None else ""
        self.name = f"{told} ({procedure.code}): {own}" if procedure is not None else own

    def word(self, key: str) -> str:
        return _WORDS[self.language][key]

    def head(self) -> Iterator[str]:
        """What stands above the table: version, purpose, owner, and the parts of clause 4.4."""
        known = self.definition
        validity = f"{known.valid_from or '…'} – {known.valid_until or '…'}" if known.valid_from or known.valid_until else ""
        single = {
            "version": known.version,
            "validity": validity,
            "purpose": known.purpose,
            "owner": known.owner,
            "clause": known.clause,
            "source": known.source,
            "main limit": self.main_limit(),
        }
        yield from (f"- {self.word(key)}: {text}" for key, text in single.items() if text)
        many: dict[str, list[str]] = {
            "inputs": [self.told(key, one.title, one.from_) for key, one in known.inputs.items()],
            "outputs": [self.told(key, one.title, one.to) for key, one in known.outputs.items()],
            "criteria": [self.told(key, one.title, one.source) for key, one in known.criteria.items()],
            "risks": [self.risk(key) for key, one in known.risks.items() if one.kind == "risk"],
            "opportunities": [self.risk(key) for key, one in known.risks.items() if one.kind != "risk"],
            "indicators": [self.told(key, one.title, one.target, one.period) for key, one in known.indicators.items()],
        }
        for key, texts in many.items():
            if texts:
                yield f"- {self.word(key)}: {'; '.join(texts)}"

    def told(self, key: str, title: Texts, *more: str) -> str:
        rest = ", ".join(self.person(text) for text in more if text)
        return titled(title, self.language, key) + (f" ({rest})" if rest else "")

    def risk(self, key: str) -> str:
        one = self.definition.risks[key]
        judged = f"{one.likelihood}×{one.consequence}" if one.likelihood and one.consequence else ""
        treatment = titled(one.treatment, self.language, "")
        done = ", ".join(self.action(name) for name in one.actions)
        text = self.told(key, one.title, judged)
        return f"{text}: {' – '.join(filter(None, (treatment, done)))}" if treatment or done else text

    def main_limit(self) -> str:
        name = self.definition.due
        if name is None:
            return ""
        period = self.period(name)
        title = titled(self.definition.limits[name].title, self.language, name)
        return f"{title}: {period.text(self.language) if period else self.word('by procedure')}"

    def period(self, name: str) -> TimeLimit | None:
        """The period of the limit *name*, as far as definition and procedure say it."""
        given = self.procedure.limits.get(name) if self.procedure is not None else None
        limit: Limit = self.definition.limits[name]
        return limit.period or (given.period if given is not None else None) or limit.default

    def rows(self) -> Iterator[SheetRow]:
        opening = {key: action for key, action in self.definition.actions.items() if action.from_ == NEW}
        yield self.row(NEW, self.word("new"), opening)
        wide: dict[tuple[str, ...], dict[str, Action]] = {}
        for key, action in self.definition.actions.items():
            if action.to is not None and not set(action.from_any) <= set(self.definition.steps):
                wide.setdefault(action.from_any, {})[key] = action
        for step in self.definition.steps:
            leaving = {
                key: action
                for key, action in self.definition.actions.items()
                if action.to is not None and step in {action.from_, *action.join, *action.from_any} and key not in _keys(wide)
            }
            if leaving:
                yield self.row(step, self.step(step), leaving)
        for names, leaving in wide.items():
            yield self.row("+".join(names), self.word("several"), leaving)

    def row(self, step: str, title: str, leaving: Mapping[str, Action]) -> SheetRow:
        forms = dict.fromkeys(action.form for action in leaving.values() if action.form is not None)
        roles = (role for action in leaving.values() for role in action.roles or ("system",))
        results = dict.fromkeys(self.step(to) for action in leaving.values() for to in targets(action))
        actions = tuple(dict.fromkeys(self.action(key) for key in leaving))
        responsible = tuple(dict.fromkeys(self.person(role) for role in roles))
        return SheetRow(
            step, title, actions, responsible, tuple(dict.fromkeys(self.times(step, leaving))), tuple(forms), tuple(results)
        )

    def times(self, step: str, leaving: Mapping[str, Action]) -> Iterator[str]:
        """The share of the step; else the limits that an action leading there starts and one leaving it ends."""
        shares = [share for share in (self.procedure.shares if self.procedure else ()) if share.step == step]
        if shares:
            yield from (share.period.text(self.language) for share in shares)
            return
        arriving = [action for action in self.definition.actions.values() if step in targets(action)]
        for name in self.definition.limits:
            begun = any(name in action.clocks and _does(action.clocks[name], "start") for action in arriving)
            ended = [_ends(action, name) for action in leaving.values()]
            if begun and (all(ended) if name == self.definition.due else any(ended)):
                period = self.period(name)
                yield period.text(self.language) if period is not None else self.word("by procedure")

    def step(self, key: str) -> str:
        return titled(self.definition.steps[key].title, self.language, key)

    def action(self, key: str) -> str:
        return titled(self.definition.actions[key].title, self.language, key)

    def person(self, key: str) -> str:
        return called(self.definition, key, self.language)


def called(definition: ProcessDefinition, key: str, language: str) -> str:
    """What a role, a part or the system is called in *language*; else its key."""
    if key in definition.roles:
        return titled(definition.roles[key].title, language, key)
    return _PARTS.get(language, {}).get(key, key)


def titled(titles: Mapping[str, str], language: str, key: str) -> str:
    """The title in *language*, else in English, else in any, else the key."""
    return titles.get(language) or titles.get("en") or next(iter(titles.values()), key)


def targets(action: Action) -> tuple[str, ...]:
    """The steps to which *action* can lead, each once."""
    ways: Iterable[tuple[str, ...]] = action.to.branches.values() if isinstance(action.to, Choice) else (action.to or (),)
    return tuple(dict.fromkeys(step for way in (*ways, action.adds) for step in way))


def _keys(tables: Mapping[tuple[str, ...], Mapping[str, Action]]) -> set[str]:
    return {key for table in tables.values() for key in table}


def _does(effect: ClockEffect, what: str) -> bool:
    return what in effect.effects.values()


def _ends(action: Action, limit: str) -> bool:
    if action.fired_by is not None and action.fired_by.limit == limit and action.fired_by.ends:
        return True
    return limit in action.clocks and _does(action.clocks[limit], "stop")


_COLUMNS: Final = ("number", "step", "work", "responsible", "time", "form", "result")
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "number": "No.",
        "step": "Step",
        "work": "What is done",
        "responsible": "Responsible",
        "time": "Time",
        "form": "Form",
        "result": "Result",
        "new": "Opening",
        "several": "Several steps",
        "version": "Version",
        "validity": "Valid",
        "purpose": "Purpose",
        "owner": "Owner",
        "clause": "Clauses",
        "source": "Basis",
        "main limit": "Time limit",
        "inputs": "Inputs",
        "outputs": "Outputs",
        "criteria": "Criteria and methods",
        "risks": "Risks",
        "opportunities": "Opportunities",
        "indicators": "Indicators",
        "by procedure": "as the procedure says",
    },
    "vi": {
        "number": "TT",
        "step": "Bước",
        "work": "Nội dung công việc",
        "responsible": "Trách nhiệm",
        "time": "Thời gian",
        "form": "Biểu mẫu",
        "result": "Kết quả",
        "new": "Mở hồ sơ",
        "several": "Nhiều bước",
        "version": "Phiên bản",
        "validity": "Hiệu lực",
        "purpose": "Mục đích",
        "owner": "Chủ quá trình",
        "clause": "Điều khoản",
        "source": "Căn cứ",
        "main limit": "Thời hạn",
        "inputs": "Đầu vào",
        "outputs": "Đầu ra",
        "criteria": "Tiêu chí và phương pháp",
        "risks": "Rủi ro",
        "opportunities": "Cơ hội",
        "indicators": "Chỉ số",
        "by procedure": "theo thủ tục",
    },
}
_PARTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {"system": "System"},
    "vi": {
        "system": "Hệ thống",
        "applicant": "Người nộp hồ sơ",
        "representative": "Người đại diện",
        "assignee": "Người được phân công",
        "owner": "Người chủ trì",
        "doer": "Người thực hiện hành động",
        "reviewer": "Người đánh giá",
        "reporter": "Người lập phiếu",
        "concerned": "Người liên quan",
        "month": "tháng",
        "quarter": "quý",
        "year": "năm",
    },
}
"""Words that have no title in a definition: the parts of shipped processes, and how often something is measured."""
