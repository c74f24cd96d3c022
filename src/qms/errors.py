"""What can go wrong, as data: one exception tree, and the reasons why something is denied.

Rule 1: everything the library raises on purpose is a `QMSError`.
Rule 2: a denial is a value: a `Reason` has a stable code, parameters and, where one exists, a clause.
Rule 3: words for people are made at the edge, from the code and the parameters, in their language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

__all__ = [
    "Conflict",
    "Denied",
    "InvalidInput",
    "NotFound",
    "OutsideCalendar",
    "Problem",
    "QMSError",
    "Reason",
    "StoreError",
    "UnsoundProcess",
]


class QMSError(Exception):
    """Everything this library raises on purpose."""


@frozen
class Problem:
    """One fault of an input: *where* it stands (``actions.sign.roles[0]``) and what is wrong and how to mend it."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class InvalidInput(QMSError, ValueError):
    """An input that cannot be taken; `problems` holds all its faults, not the first alone."""

    problems: tuple[Problem, ...]

    def __init__(self, problems: Iterable[Problem] | str, where: str = "") -> None:
        self.problems = (Problem(where, problems),) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class OutsideCalendar(InvalidInput):
    """A question about a day that the calendar does not cover: no answer is better than a guess."""


class UnsoundProcess(InvalidInput):
    """A definition whose cases could get stuck; each problem carries a witness."""


class NotFound(QMSError, LookupError):
    """No such case, definition, procedure or record."""


class StoreError(QMSError):
    """The store cannot be opened, read or written; nothing of the batch was kept."""


class Conflict(StoreError):
    """Another writer was first: the stream is longer than expected. Read again and decide again."""


@frozen(init=False)
class Reason:
    """Why an attempt is denied: a stable *code*, its parameters, and the clause or article that asks for it.

    >>> print(Reason("no-authority", action="sign", actor="lan", roles=("head",)))
    lan may not sign: it takes head
    """

    code: str
    params: Mapping[str, Any] = field(hash=False)
    clause: str | None

    def __init__(self, code: str, /, *, clause: str | None = None, **params: Any) -> None:
        self.__attrs_init__(code, params, clause)

    def __hash__(self) -> int:
        return hash((self.code, self.clause, tuple(sorted((k, str(v)) for k, v in self.params.items()))))

    def text(self, language: str = "en") -> str:
        """The reason in words, in ``en`` or ``vi``; a code without words of its own names its parameters."""
        words = _WORDS.get(f"{self.code}+holders" if "holders" in self.params else self.code, {}).get(language)
        shown = {
            k: ", ".join(map(str, v)) if isinstance(v, (tuple, list, set, frozenset)) else v for k, v in self.params.items()
        }
        if words is None:
            words = self.code + "".join(f", {k.replace('_', ' ')} {v}" for k, v in shown.items())
            return words + (f" ({self.clause})" if self.clause else "")
        try:
            words = words.format(**shown)
        except KeyError:
            words = self.code + "".join(f", {k} {v}" for k, v in shown.items())
        return words + (f" ({self.clause})" if self.clause else "")

    def __str__(self) -> str:
        return self.text()


class Denied(QMSError):
    """An attempt to act that was refused; `reasons` holds all of them, and nothing has changed."""

    def __init__(self, reasons: Iterable[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(map(str, self.reasons)))


_WORDS: dict[str, dict[str, str]] = {
    "unknown-action": {
        "en": "there is no action {action}; the process has: {actions}",
        "vi": "không có thao tác {action}; quy trình có: {actions}",
    },
    "not-in-step": {
        "en": "{action} leaves {steps}, and the case is at {at}",
        "vi": "{action} thực hiện ở bước {steps}, hồ sơ đang ở bước {at}",
    },
    "already-standing": {
        "en": "{action} is already pending at {steps}",
        "vi": "{action} đang chờ ở bước {steps}",
    },
    "closed": {"en": "the case is closed at {at}", "vi": "hồ sơ đã kết thúc ở bước {at}"},
    "no-authority": {
        "en": "{actor} may not {action}: it takes {roles}",
        "vi": "{actor} không có thẩm quyền {action}: cần vai trò {roles}",
    },
    "no-authority+holders": {
        "en": "{actor} may not {action}: it takes {roles}, held by {holders}",
        "vi": "{actor} không có thẩm quyền {action}: cần vai trò {roles}, hiện do {holders} giữ",
    },
    "fired-by-clock": {
        "en": "{action} is done by the clock {clock} when its limit ends, not by hand",
        "vi": "{action} do đồng hồ {clock} tự thực hiện khi hết hạn, không làm bằng tay",
    },
    "separation-of-duties": {
        "en": "{actor} may not {action}: the same person did {with_action}",
        "vi": "{actor} không được {action}: cùng một người đã {with_action}",
    },
    "own-case": {
        "en": "{actor} may not {action}: they are the {part} of this case",
        "vi": "{actor} không được {action}: là {part} của chính hồ sơ này",
    },
    "same-person": {
        "en": "{actor} may not {action}: only who did {with_action} may",
        "vi": "{actor} không được {action}: chỉ người đã {with_action} mới được",
    },
    "at-most": {
        "en": "{action} was done {done} times, and {limit} is the most",
        "vi": "{action} đã làm {done} lần, tối đa {limit} lần",
    },
    "form-missing": {"en": "{action} needs the form {form}", "vi": "{action} cần biểu mẫu {form}"},
    "form-field": {"en": "{field}: {problem}", "vi": "{field}: {problem}"},
    "form-unexpected": {"en": "{action} takes no form", "vi": "{action} không có biểu mẫu"},
    "late-entry-reason": {
        "en": "recording {action} after the fact needs a reason",
        "vi": "ghi nhận {action} sau thời điểm xảy ra cần nêu lý do",
    },
    "late-entry-order": {
        "en": "{action} cannot have occurred at {occurred}, before what it follows ({after})",
        "vi": "{action} không thể xảy ra lúc {occurred}, trước sự kiện mà nó nối tiếp ({after})",
    },
    "in-the-future": {
        "en": "{action} cannot have occurred at {occurred}, after it is recorded ({recorded})",
        "vi": "{action} không thể xảy ra lúc {occurred}, sau khi được ghi nhận ({recorded})",
    },
    "clock-idle": {
        "en": "{action} would {effect} the clock {clock}, which is {state}",
        "vi": "{action} sẽ {effect} đồng hồ {clock}, mà đồng hồ đang {state}",
    },
}
