"""What an event log holds, before anyone interprets it: cases, events, variants, directly-follows counts, times.

Rule 1: an activity is its name alone. A life-cycle phase or a log's own classifier is never mixed in unasked.
Rule 2: a variant is the sequence of activities of a case, in time order; what the log calls equal times keeps the log's order.
Rule 3: figures are counts and whole microseconds; nothing is estimated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, pairwise
from operator import eq

from attrs import frozen

__all__ = ["LogStats", "log_stats", "percentile", "stats_of_columns"]


@frozen
class LogStats:
    """The figures of a log. Pairs and variants come most frequent first, equal counts by name; times are µs UTC."""

    cases: int
    events: int
    variants: tuple[tuple[tuple[str, ...], int], ...]
    activities: Mapping[str, int]
    directly_follows: tuple[tuple[str, str, int], ...]
    starts: Mapping[str, int]
    ends: Mapping[str, int]
    first: int | None
    last: int | None
    ties: int
    rework: Mapping[str, int]
    durations: tuple[int, ...]

    @property
    def rework_cases(self) -> int:
        """Cases in which some activity was done more than once."""
        return sum(n for variant, n in self.variants if len(set(variant)) < len(variant))


def log_stats(cases: Iterable[Sequence[tuple[str, int]]]) -> LogStats:
    """The figures of *cases*, each a sequence of (activity, instant in µs) in its order. A case without events counts as a case.

    `ties` counts the events at the very instant of the one before them; `rework` the cases that repeat an activity;
    `durations` holds last minus first instant of each case that has events, ascending.
    """
    return stats_of_columns(([activity for activity, _ in events], [at for _, at in events]) for events in cases)


def stats_of_columns(cases: Iterable[tuple[Sequence[str], Sequence[int]]]) -> LogStats:
    """As `log_stats`, of cases whose activities and instants stand apart; a case without instants has no times."""
    variants: Counter[tuple[str, ...]] = Counter()
    durations: list[int] = []
    first: int | None = None
    last: int | None = None
    ties = 0
    for names, times in cases:
        variants[tuple(names)] += 1
        if times:
            low, high = min(times), max(times)
            first = low if first is None or low < first else first
            last = high if last is None or high > last else last
            durations.append(high - low)
            ties += sum(map(eq, times, islice(times, 1, None)))
    activities, follows, starts, ends, rework = _of_variants(variants)
    return LogStats(
        cases=variants.total(),
        events=activities.total(),
        variants=tuple(sorted(variants.items(), key=lambda pair: (-pair[1], pair[0]))),
        activities=dict(sorted(activities.items())),
        directly_follows=tuple((a, b, n) for (a, b), n in sorted(follows.items(), key=lambda pair: (-pair[1], pair[0]))),
        starts=dict(sorted(starts.items())),
        ends=dict(sorted(ends.items())),
        first=first,
        last=last,
        ties=ties,
        rework=dict(sorted(rework.items())),
        durations=tuple(sorted(durations)),
    )


_Counts = tuple[Counter[str], Counter[tuple[str, str]], Counter[str], Counter[str], Counter[str]]


def _of_variants(variants: Mapping[tuple[str, ...], int]) -> _Counts:
    activities: Counter[str] = Counter()
    follows: Counter[tuple[str, str]] = Counter()
    starts: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    rework: Counter[str] = Counter()
    for variant, n in variants.items():
        counts = Counter(variant)
        for activity, times in counts.items():
            activities[activity] += times * n
            if times > 1:
                rework[activity] += n
        for pair in pairwise(variant):
            follows[pair] += n
        if variant:
            starts[variant[0]] += n
            ends[variant[-1]] += n
    return activities, follows, starts, ends, rework


def percentile(ordered: Sequence[int], share: int) -> int | None:
    """The value below which *share* per cent of *ordered* (ascending) lie, between two neighbours by proportion, rounded down.

    >>> percentile([1, 2, 3, 4], 50), percentile([10, 20, 30], 90), percentile([], 50)
    (2, 28, None)
    """
    if not ordered:
        return None
    place, rest = divmod((len(ordered) - 1) * share, 100)
    low = ordered[place]
    return low + (ordered[place + 1] - low) * rest // 100 if rest else low
