"""Keys, checkpoints and evidence on the command line."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from contextlib import closing

import pytest
from typer.testing import CliRunner

from definitions import small
from office import office
from qms.cli import app
from qms.codec import encode
from qms.ports import Write
from qms.stores import SQLiteStore

NAME = "office.example/log"


def run(*arguments):
    """What the command answers."""
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a store of two cases, a key and what others verify by."""
    monkeypatch.chdir(tmp_path)
    with SQLiteStore(tmp_path / "office.db") as store:
        org = office(
            small('[actions.tell]\nfrom = "waiting"\nroles = ["clerk"]\nform = "Application"\n'), store=store, forms={}
        )
        for name in ("a", "b"):
            org.open("small", by="lan", id=name)
            org.act(name, "tell", by="lan", form={"applicant": f"Person \x1b[31m{name}"})
    (tmp_path / "log.vkey").write_text(run("key", NAME, "--out", "log.key").stdout)
    return tmp_path


def signed(place):
    """The same after a checkpoint."""
    assert 0 == run("checkpoint", "office.db", "--signer", "log.key", "--anchor", "last.txt").exit_code
    return place


def test_a_key_is_made_for_its_owner_alone(place):
    """The file is theirs to read, is not written over, and tells the public key again."""
    assert 0o600 == stat.S_IMODE((place / "log.key").stat().st_mode)
    assert (place / "log.vkey").read_text() == run("key", "--of", "log.key").stdout
    again = run("key", NAME, "--out", "log.key")
    assert (2, True) == (again.exit_code, "not written over" in again.stderr)


@pytest.mark.parametrize(
    "line", [[], ["x"], ["--out", "x"], ["a b", "--out", "x"], ["x", "--of", "log.key"], ["--of", "office.db"], ["--of", "no"]]
)
def test_a_line_about_keys_that_says_too_little_is_refused(place, line):
    """With 2, and no file is made."""
    assert (2, False) == (run("key", *line).exit_code, (place / "x").exists())


def test_a_checkpoint_is_signed_and_verified(place):
    """The anchor's file is what `verify` takes; the store says complete."""
    made = run("checkpoint", "office.db", "--signer", "log.key", "--anchor", "last.txt")
    assert (0, (place / "last.txt").read_text()) == (made.exit_code, made.stdout)
    found = run("verify", "office.db", "--checkpoint", "last.txt", "--key", "log.vkey")
    assert (0, "consistent, complete") == (found.exit_code, found.stdout.split("\n")[0])
    by_text = run(
        "verify", "office.db", "--checkpoint", "last.txt", "--key", (place / "log.vkey").read_text().strip(), "--json"
    )
    assert json.loads(by_text.stdout)["complete"] is True


def test_an_old_copy_is_found_by_the_checkpoint(place):
    """Neither verified nor signed: exit 1, and it says what is missing."""
    shutil.copy("office.db", "old.db")
    with SQLiteStore(place / "office.db") as store:
        office(small(), store=store).open("small", by="lan", id="c")
    signed(place)
    found = run("verify", "old.db", "--checkpoint", "last.txt", "--key", "log.vkey")
    assert (1, "consistent, incomplete") == (found.exit_code, found.stdout.split("\n")[0])
    refused = run("checkpoint", "old.db", "--signer", "log.key", "--anchor", "last.txt", "--json")
    assert (1, "inconsistent") == (refused.exit_code, json.loads(refused.stdout)["error"])


def test_a_checkpoint_without_a_key_or_by_another_is_not_trusted(place):
    """No key is bad input; a signature of nobody known is a finding."""
    signed(place)
    assert 2 == run("verify", "office.db", "--checkpoint", "last.txt").exit_code
    assert 2 == run("verify", "office.db", "--checkpoint", "last.txt", "--key", "nowhere.vkey").exit_code
    assert 2 == run("verify", "office.db", "--checkpoint", "none.txt", "--key", "log.vkey").exit_code
    (place / "other.vkey").write_text(run("key", NAME, "--out", "other.key").stdout)
    assert 1 == run("verify", "office.db", "--checkpoint", "last.txt", "--key", "other.vkey").exit_code


@pytest.mark.parametrize(
    "line",
    [
        ["verify", "office.db", "--checkpoint", "", "--key", "log.vkey"],
        ["verify", "office.db", "--checkpoint", ""],
        ["verify", "office.db", "--key", "log.vkey"],
        ["verify", "office.db", "--key", ""],
        ["verify-evidence", "a.txt", "--key", "log.vkey", "--witnesses", "-3"],
        ["verify-evidence", "a.txt", "--key", "log.vkey", "--origin", ""],
        ["evidence", "office.db", "a", "--checkpoint", "last.txt", "-o", "b.txt", "--seq", "9" * 22],
    ],
)
def test_what_is_asked_for_and_names_nothing_is_bad_input(place, line):
    """An empty variable of a shell never makes a check weaker than the one that was written."""
    signed(place)
    assert 0 == run("evidence", "office.db", "a", "--checkpoint", "last.txt", "-o", "a.txt").exit_code
    refused = run(*line)
    assert (2, SystemExit) == (refused.exit_code, type(refused.exception))


@pytest.mark.parametrize("form", ["text", ["x"], {"a": {"sealed": 5}}])
def test_evidence_of_a_record_of_any_shape_is_shown(place, form):
    """What was signed is shown, whoever wrote it."""
    with SQLiteStore(place / "office.db") as store:
        store.append(
            [Write("odd", 0, (encode({"stream": "odd", "seq": 1, "type": "acted", "at": 5, "by": "x", "form": form}),))]
        )
    signed(place)
    run("evidence", "office.db", "odd", "--checkpoint", "last.txt", "-o", "odd.txt")
    assert 0 == run("verify-evidence", "odd.txt", "--key", "log.vkey").exit_code


def altered(position):
    """The store with the record at *position* changed behind its back."""
    with closing(sqlite3.connect("office.db")) as db:
        db.execute("DROP TRIGGER IF EXISTS qms_entry_update")
        db.execute("UPDATE qms_entry SET data = CAST(data || ' ' AS BLOB) WHERE position = ?", (position,))
        db.commit()


def test_verification_goes_on_where_an_earlier_one_ended(place):
    """From a checkpoint or a printed size and root: what these cover is not read again, and what is new is."""
    first = json.loads(run("verify", "office.db", "--json").stdout)
    signed(place)
    with SQLiteStore(place / "office.db") as store:
        office(small(), store=store).open("small", by="lan", id="c")
        size = store.size
    altered(1)
    printed, signed_then = f"{first['size']}:{first['root']}", ("last.txt", "--key", "log.vkey")
    assert [1, 0, 0] == [
        run("verify", "office.db", *line).exit_code for line in ([], ["--since", printed], ["--since", *signed_then])
    ]
    assert 1 == run("verify", "office.db", "--since", f"{2**70}:{'0' * 64}").exit_code
    altered(size)
    assert [1, 1] == [run("verify", "office.db", *line).exit_code for line in (["--since", printed], ["--since", *signed_then])]


def test_verification_ends_at_a_level(place):
    """Levels above it are not looked at: a row that the records do not make is one of semantics."""
    with closing(sqlite3.connect("office.db")) as db:
        db.execute("UPDATE qms_row SET open = 0")
        db.commit()
    assert [0, 0, 0, 1, 1] == [
        run("verify", "office.db", *line).exit_code
        for line in (*(("--level", level) for level in ("bytes", "tree", "streams", "semantics")), ())
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (("--level", "rows"), "no such level: 'rows'; there are bytes, tree, streams, semantics"),
        (("--since", "12:abc"), "'12:abc' is no SIZE:ROOT; the root is 64 hexadecimal digits"),
        (("--since", "none.txt", "--key", "log.vkey"), "the checkpoint cannot be read"),
        (("--since", "", "--key", "log.vkey"), "the checkpoint cannot be read"),
        (("--since", "last.txt"), "name the key that the checkpoint must be signed by"),
    ],
)
def test_what_verification_cannot_go_by_is_bad_input(place, line, words):
    """With 2, and what to give instead."""
    signed(place)
    refused = run("verify", "office.db", *line)
    assert 2 == refused.exit_code and words in " ".join(refused.stderr.split())


def test_a_key_is_replaced(place):
    """From then on the old one signs nothing, and either of them verifies what there is."""
    signed(place)
    run("key", NAME, "--out", "new.key")
    line = ["rotate-key", "office.db", "--old", "log.key", "--new", "new.key", "--by", "hoa"]
    assert 2 == run(*line, "--reason", " ").exit_code
    done = run(*line, "--reason", "yearly")
    assert (0, 2) == (done.exit_code, len(done.stdout.split("\n")) - 1)
    assert 1 == run("checkpoint", "office.db", "--signer", "log.key", "--anchor", "last.txt").exit_code
    assert 0 == run("checkpoint", "office.db", "--signer", "new.key", "--anchor", "last.txt").exit_code
    (place / "keys.txt").write_text(done.stdout)
    for keys in ("log.vkey", "keys.txt"):
        assert 0 == run("verify", "office.db", "--checkpoint", "last.txt", "--key", keys).exit_code
    assert 2 == run("rotate-key", "none.db", *line[2:], "--reason", "yearly").exit_code


def test_evidence_is_written_and_verified_offline(place):
    """The store may be gone: the file and the key are enough."""
    signed(place)
    made = run("evidence", "office.db", "a", "--checkpoint", "last.txt", "-o", "a.txt")
    assert (0, "a.txt: 3 records proved\n") == (made.exit_code, made.stdout)
    (place / "office.db").unlink()
    found = run("verify-evidence", "a.txt", "--key", "log.vkey")
    assert (0, True) == (found.exit_code, "all records 1 to 3 of the case" in found.stdout)
    assert ("form.applicant: sealed" in found.stdout, "Person" in found.stdout) == (True, False)
    tree = json.loads(run("verify-evidence", "a.txt", "--key", "log.vkey", "--json").stdout)
    assert (NAME, "a", True, [1, 2, 3]) == (
        tree["origin"],
        tree["case"],
        tree["from_the_start"],
        [r["seq"] for r in tree["records"]],
    )


def test_values_that_are_shown_cannot_steer_the_terminal(place):
    """What was disclosed is printed without control characters."""
    signed(place)
    run("evidence", "office.db", "a", "--checkpoint", "last.txt", "-o", "a.txt", "--disclose", "--seq", "3")
    found = run("verify-evidence", "a.txt", "--key", "log.vkey", "--lang", "vi")
    assert (0, True, False) == (found.exit_code, "form.applicant = Person \ufffd[31ma" in found.stdout, "\x1b" in found.stdout)


def test_evidence_that_does_not_hold_is_a_finding(place):
    """Altered: 1. No evidence at all, or nothing there: 2. Too few witnesses: 1."""
    signed(place)
    run("evidence", "office.db", "a", "--checkpoint", "last.txt", "-o", "a.txt")
    text = (place / "a.txt").read_text()
    (place / "b.txt").write_text(text.replace("index 3", "index 2"))
    assert [0, 1, 2, 2, 1] == [
        run("verify-evidence", *line, "--key", "log.vkey").exit_code
        for line in (["a.txt"], ["b.txt"], ["last.txt"], ["none.txt"], ["a.txt", "--witnesses", "1"])
    ]
    assert 2 == run("evidence", "office.db", "a", "--checkpoint", "last.txt", "-o", "a.txt").exit_code
    assert 2 == run("evidence", "office.db", "nobody", "--checkpoint", "last.txt", "-o", "n.txt").exit_code
