"""A writer killed at random moments: the store opens, verifies, and holds all that was acknowledged and nothing halved."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qms.stores import SQLiteStore
from qms.testing.contract import noted

ROUNDS = int(os.environ.get("QMS_CHAOS_ROUNDS", "80")) // 10
SEED = int(os.environ.get("QMS_CHAOS_SEED", "0")) or int.from_bytes(os.urandom(4))

WRITER = """
import sys
from qms.ports import Key
from qms.stores import SQLiteStore
from qms.testing.contract import counted

store = SQLiteStore(sys.argv[1])
print("open", flush=True)
n = store.size // 4
while True:
    store.append([counted(f"case/{n % 7}", store.length(f"case/{n % 7}"))], Key(f"one/{n}", "r"))
    with store.transaction():
        for name in ("a", "b", "c"):
            store.append([counted(name, store.length(name))])
    n += 1
    print(store.size, flush=True)
"""


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_killed_writer_loses_nothing(tmp_path: Path, number: int) -> None:
    """Killed twice over one file, from before it exists on: acknowledged records are there, batches are whole."""
    chance = random.Random(SEED + number)
    path = tmp_path / "office.db"
    acknowledged = 0
    for _ in range(2):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        if chance.random() < 0.8:
            writer.stdout.readline()
            time.sleep(chance.uniform(0, 0.3))
        else:
            time.sleep(chance.uniform(0.1, 0.6))
        writer.kill()
        told = [int(line) for line in writer.stdout.read().split("\n")[:-1] if line.isdecimal()]
        writer.stdout.close()
        writer.wait()
        acknowledged = max([acknowledged, *told])
        print(f"QMS_CHAOS_SEED={SEED} round {number}: {acknowledged} acknowledged")
        if not path.exists():
            assert 0 == acknowledged
            continue
        with SQLiteStore(path) as store:
            found = store.verify(noted)
            assert "consistent, completeness unknown" == str(found)
            assert store.size >= acknowledged
            assert 1 == len({store.length(name) for name in ("a", "b", "c")})
            assert store.size - 3 * store.length("a") == sum(store.length(f"case/{n}") for n in range(7))
