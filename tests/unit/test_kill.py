"""Killed at any moment, the office holds everything it acknowledged, and its store opens and verifies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from qms.cli import rows_of
from qms.stores import SQLiteStore

ROUNDS = int(os.environ.get("QMS_CHAOS_ROUNDS", "200")) // 10
SEED = int(os.environ.get("QMS_CHAOS_SEED", "0")) or int.from_bytes(os.urandom(4))
COMMITS = 250
"""About how many days, each one commit, the simulated office works."""


def killed(path: Path, random: Random) -> int:
    """The last size that the demo acknowledged before it was killed at a random moment."""
    command = [sys.executable, "-m", "qms", "demo", "--dossiers", "500", "--ack", "--store", str(path)]
    early = random.random() < 0.15
    commits = 0 if early else random.randrange(1, COMMITS)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as office:
        assert office.stdout is not None
        last = ""
        for _ in range(commits):
            last = office.stdout.readline() or last
        time.sleep(random.uniform(0, 2) if early else random.expovariate(1 / 0.02))
        office.send_signal(signal.SIGKILL)
        rest = office.stdout.read().splitlines(keepends=True)
    told = [line for line in [last, *rest] if line.endswith("\n")]
    return int(told[-1]) if told else 0


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_killed_office_holds_what_it_acknowledged(tmp_path, number):
    """Kill -9 at a random moment: the store opens, verifies with its rows, and holds every acknowledged event."""
    random = Random(f"{SEED}/{number}")
    path = tmp_path / "office.db"
    acknowledged = killed(path, random)
    print(f"QMS_CHAOS_SEED={SEED} round {number}: {acknowledged} acknowledged")
    if not path.exists():
        assert 0 == acknowledged
        return
    store = SQLiteStore(path)
    found = store.verify(rows_of(store))
    store.close()
    assert (True, ()) == (found.consistent, found.findings)
    assert found.size >= acknowledged
