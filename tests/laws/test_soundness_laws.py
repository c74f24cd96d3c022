"""Soundness agrees with a token game played with sets, on nets of every kind; what is built sound is sound."""

from __future__ import annotations

from collections import deque
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from nets import parallel
from qms.net import explore
from qms.soundness import TOLD, _search, check
from qms.testing.strategies import broken, nets, sound_nets

UNBORN = None


class _Tokens:
    """The same game, played slowly: markings are frozensets of names, and nothing of `Net` but its data is used."""

    def __init__(self, net):
        self.net = net
        self.distance: dict = {UNBORN: 0}
        self.next: dict = {}
        queue = deque([UNBORN])
        while queue:
            at = queue.popleft()
            self.next[at] = [(move, self.fire(at, move)) for move in net.moves if self.enabled(at, move)]
            for _, after in self.next[at]:
                if after not in self.distance:
                    self.distance[after] = self.distance[at] + 1
                    queue.append(after)
        self.born = [at for at in self.next if at is not UNBORN]

    @staticmethod
    def enabled(at, move):
        if at is UNBORN or move.opens:
            return at is UNBORN and move.opens
        return len(at & set(move.take)) >= move.need and not at & set(move.adds)

    @staticmethod
    def fire(at, move):
        return (at or frozenset()) - set(move.leaves) - set(move.cancels) | set(move.to) | set(move.adds)

    def stays(self, at, move):
        return (at or frozenset()) - set(move.leaves) - set(move.cancels)

    def final(self, at):
        return at is not UNBORN and len(at) == 1 and at <= self.net.closing

    def improper(self, at):
        return at is not UNBORN and len(at) > 1 and bool(at & self.net.closing)

    def reach(self, at):
        seen, stack = {at}, [at]
        while stack:
            for _, after in self.next[stack.pop()]:
                if after not in seen:
                    seen.add(after)
                    stack.append(after)
        return seen

    def late(self, move, token):
        """Whether *token*, left behind by the partial join *move*, could come to a step it takes without undoing it."""
        reached = {token}
        for _ in range(len(self.net.steps) + 1):
            for other in self.net.moves:
                undoes = set(other.leaves + other.cancels) & set(move.to + move.adds) or set(other.take) & self.net.closing
                if not other.opens and not undoes and len(reached & set(other.take)) >= other.need:
                    reached |= set(other.to + other.adds)
        return bool(reached & set(move.take))

    def unclear(self, one, to, two, other):
        if one.name != two.name:
            return False
        if one.action != two.action:
            return True
        told_apart = one.choice and two.choice and one.choice[0] == two.choice[0] and one.choice[1] != two.choice[1]
        return one.take != two.take and to != other and not told_apart

    def defects(self):
        """Every defect that is told by place, with the length of its shortest witness."""
        found: dict = {}

        def add(code, where, length):
            found[code, where] = min(length, found.get((code, where), length))

        net = self.net
        if not net.openings:
            return {("no-opening", "actions"): 0} | ({} if net.closing else {("no-closing", "steps"): 0})
        if not net.closing:
            add("no-closing", "steps", 0)
        for step in net.steps:
            if not any(step in at for at in self.born):
                add("unreachable-step", f"steps.{step}", 0)
        for action in net.actions:
            if not any(move.action == action for moves in self.next.values() for move, _ in moves):
                add("dead-action", f"actions.{action}", 0)
        for at, moves in self.next.items():
            if self.improper(at):
                continue
            length = self.distance[at] + 1
            for move, after in moves:
                self.judge(add, at, move, after, length)
            for (one, to), (two, other) in combinations(moves, 2):
                if self.unclear(one, to, two, other):
                    add("overlap", f"actions.{one.action}|{two.action}", length)
        return found

    def judge(self, add, at, move, after, length):
        closing, left, where = self.net.closing, self.stays(at, move), f"actions.{move.action}"
        if self.improper(after):
            for step in after & closing:
                add("improper-completion", f"steps.{step}", length)
        partial = move.leaves and move.need < len(move.take)
        if (left and set(move.to) & closing) or (partial and any(self.late(move, token) for token in left)):
            add("not-cancelled", where, length)
        if left & set(move.to + move.adds):
            add("unsafe", where, length)

    def deadlocks(self):
        return {at for at in self.born if not self.next[at] and not self.final(at) and not self.improper(at)}

    def traps(self):
        def escapes(at):
            return any(self.final(to) or self.improper(to) or not self.next[to] for to in self.reach(at))

        return {at for at in self.born if not escapes(at)}

    def sound(self):
        """The definition, said at once: every marking can come to a final one, and nothing is wrong or of no use."""
        if not self.net.closing or not self.net.openings:
            return False
        completes = all(any(self.final(to) for to in self.reach(at)) for at in self.born)
        return completes and not any(self.improper(at) for at in self.born) and not self.defects()


def _places(where):
    return frozenset(name.removeprefix("steps.") for name in where.split(", ") if name != "steps")


def _plays(tokens, witness):
    """The markings a case can be at after the actions of *witness*."""
    at = {UNBORN}
    for action in witness:
        at = {after for before in at for move, after in tokens.next[before] if move.action == action}
    return at


def _compare(net):
    """All that `check` says of *net* is what the token game shows, with witnesses as short."""
    tokens, report = _Tokens(net), check(net)
    told = {}
    for found in report.findings:
        assert found.code in ("unreachable-step", "dead-action", "no-opening", "no-closing") or _plays(tokens, found.witness)
        if found.code not in ("deadlock", "livelock"):
            told[found.code, found.where] = len(found.witness)
    expected: dict = {}
    for (code, where), length in tokens.defects().items():
        place = where.partition("|")[0]
        expected[code, place] = min(length, expected.get((code, place), length))
    overlaps = {key: told.pop(key) for key in list(told) if key[0] == "overlap"}
    wanted = {key: expected.pop(key) for key in list(expected) if key[0] == "overlap"}
    assert expected == told
    assert (bool(wanted), min(wanted.values(), default=0)) == (bool(overlaps), min(overlaps.values(), default=0))
    dead, traps = (tokens.deadlocks(), tokens.traps()) if net.closing else (set(), set())
    deadlocks = {_places(f.where): len(f.witness) for f in report.findings if f.code == "deadlock"}
    assert min(TOLD, len(dead)) == len(deadlocks)
    assert all(at in dead and tokens.distance[at] == length for at, length in deadlocks.items())
    livelocks = {_places(f.where): len(f.witness) for f in report.findings if f.code == "livelock"}
    assert all(at in traps and tokens.distance[at] == length for at, length in livelocks.items())
    assert traps <= set().union(*(tokens.reach(at) | {b for b in traps if at in tokens.reach(b)} for at in livelocks), set())
    assert tokens.sound() == report.sound
    assert len(tokens.born) >= report.markings


@settings(max_examples=300)
@given(nets())
def test_any_net_is_judged_as_the_token_game_judges_it(net):
    """Codes, places and lengths of witnesses agree with sets and exhaustive search."""
    _compare(net)


@given(sound_nets())
def test_what_is_built_of_sound_blocks_is_sound(net):
    """Sequence, alternatives, choice, parallel branches, loops, a withdrawal and a token beside: no finding."""
    report = check(net)
    assert ((), True) == (report.findings, report.sound)


@settings(max_examples=200)
@given(broken())
def test_a_damaged_net_is_judged_as_the_token_game_judges_it(net):
    """One small damage to a sound net: whatever it does, both see the same."""
    _compare(net)


@given(st.integers(2, 4), st.integers(1, 3), st.data())
def test_parallel_blocks_have_the_markings_of_their_product(branches, length, data):
    """With k branches of n steps there are n^k markings between a start and an end, whatever the join asks for."""
    need = data.draw(st.integers(1, branches))
    game = parallel(branches, length=length, need=0 if need == branches else need)
    assert length**branches + 2 == len(explore(game, 1_000).markings)
    assert check(game).sound


@settings(max_examples=200)
@given(st.one_of(sound_nets(max_size=10), broken(sound_nets(max_size=10))))
def test_folding_blocks_changes_no_verdict(net):
    """Judged block by block or marking by marking, a net is sound or not; and what is not sound is told alike."""
    whole, report = _search(net, 2_000), check(net, 2_000)
    if whole.sound is None:  # larger than the cap; folded it may be small enough to be proved
        assert report.sound is not False
    else:
        assert (whole.sound, whole.findings) == (report.sound, report.findings)
