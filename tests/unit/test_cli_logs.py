"""Logs on the command line: figures, drafts, replays and exports, with exit codes that say good, finding or bad input."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("typer")

from typer.testing import CliRunner, Result

from qms.cli import app

EVENT = '<event><string key="concept:name" value="{}"/><string key="org:resource" value="lan"/><date key="time:timestamp" value="2021-03-0{}T09:00:00+07:00"/></event>'
CSV = (
    "case,activity,time\n1,ask,2021-03-01T09:00Z\n1,tell,2021-03-02T09:00Z\n2,ask,2021-03-01T09:00Z\n2,tell,2021-03-01T09:00Z\n"
)
MAP = 'case = "case"\nactivity = "activity"\ntime = "time"\n'


def run(*arguments: object) -> Result:
    """What the command answers."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def told(*arguments: object) -> dict[str, Any]:
    """What the command answers in JSON."""
    answer: dict[str, Any] = json.loads(run(*arguments, "--json").stdout)
    return answer


def xes(folder: Path, *cases: str, more: str = "") -> Path:
    """A log in which each letter of a case is an activity, a day apart."""
    path = folder / "my log.xes"
    traces = "".join(
        f'<trace><string key="concept:name" value="{i}"/>{"".join(EVENT.format(name, day) for day, name in enumerate(case, 1))}</trace>'
        for i, case in enumerate(cases)
    )
    path.write_text(f'<log xes.version="1.0">{more}{traces}</log>')
    return path


def test_log_stats_of_xes_needs_no_map(tmp_path: Path) -> None:
    """Cases, events and variants, as text and as JSON."""
    path = xes(tmp_path, "ab", "ab", "b")
    result = run("log-stats", path)
    assert (0, True) == (result.exit_code, result.stdout.startswith("3 cases, 5 events, 2 variants, 2 activities"))
    answer = told("log-stats", path)
    assert ([["a", "b", 2]], {"a": 2, "b": 1}) == (answer["directly_follows"], answer["starts"])


def test_log_stats_of_csv_asks_for_its_map(tmp_path: Path) -> None:
    """Without a map: exit 2 and the mend; with it: figures."""
    (tmp_path / "log.csv").write_text(CSV)
    (tmp_path / "map.toml").write_text(MAP)
    refused = run("log-stats", tmp_path / "log.csv")
    assert (2, True) == (refused.exit_code, "a CSV needs a map" in refused.stderr)
    assert (2, 1) == tuple(
        told("log-stats", tmp_path / "log.csv", "--map", tmp_path / "map.toml")[key] for key in ("cases", "ties")
    )


def test_log_stats_finds_what_is_lost(tmp_path: Path) -> None:
    """An event without an activity is a finding: exit 1; a file that is no log is bad input: exit 2, naming the line."""
    assert 1 == run("log-stats", xes(tmp_path, "a", more="<event/>")).exit_code
    (tmp_path / "bad.xes").write_text("<log>\n<trace>")
    refused = run("log-stats", tmp_path / "bad.xes")
    assert (2, True) == (refused.exit_code, "bad.xes: line 2" in refused.stderr)
    assert 2 == run("log-stats", tmp_path / "none.xes").exit_code


def test_discover_writes_a_draft_that_its_log_conforms_to(tmp_path: Path) -> None:
    """Draft and picture are written, the draft is sound, and the replay of the log by it is good; the store verifies."""
    log, draft, picture, store = (tmp_path / name for name in ("", "draft.toml", "draft.mmd", "log.db"))
    log = xes(tmp_path, "abc", "abbc", "ac")
    result = run("discover", log, "-o", draft, "--diagram", picture)
    assert (0, True) == (result.exit_code, f"kept in {draft}" in result.stdout)
    assert "my-log" == tomllib.loads(draft.read_text())["name"]
    assert "    a1 --> a2 : 2" in picture.read_text().splitlines()
    assert 0 == run("check", draft).exit_code
    replayed = run("replay", log, "--process", draft, "--store", store)
    assert (0, True) == (replayed.exit_code, "3 cases follow the process" in replayed.stdout), replayed.output
    assert 0 == run("verify", store).exit_code


def test_discover_leaves_out_rare_paths_and_prints_where_no_file_is_named(tmp_path: Path) -> None:
    """The draft on standard output; in JSON the paths left out; the replay deviates, by whom and where the time goes."""
    log = xes(tmp_path, *["abc"] * 9, "acc")
    printed = run("discover", log, "--min-share", "0.2", "--name", "Hồ sơ")
    assert 'name = "ho-so"' in printed.stdout
    assert [["a", "c", 1], ["c", "c", 1]] == told("discover", log, "--min-share", "0.2")["dropped"]
    (tmp_path / "draft.toml").write_text(printed.stdout)
    common = ("replay", log, "--process", tmp_path / "draft.toml", "--store")
    result = run(*common, tmp_path / "1.db", "--calendar", "VN")
    assert (1, True) == (result.exit_code, "the slowest steps" in result.stdout)
    answer = told(*common, tmp_path / "2.db", "--calendar", "VN")
    assert ([{"resource": "lan", "n": 2, "acts": 30}], {"cases": 1, "activities": {"c": 1}}) == (
        answer["deviations_by_resource"],
        answer["rework"],
    )
    assert (86_400_000_000, 28_800_000_000) == tuple(answer["steps"][0][kind]["median_us"] for kind in ("elapsed", "working"))
    assert "sai lệch" in run(*common, tmp_path / "3.db", "--lang", "vi").stdout


def test_discover_overwrites_only_when_told(tmp_path: Path) -> None:
    """A draft may have been edited: exit 2 and the mend."""
    log = xes(tmp_path, "ab")
    (tmp_path / "draft.toml").write_text("mine")
    refused = run("discover", log, "-o", tmp_path / "draft.toml")
    assert (2, "mine") == (refused.exit_code, (tmp_path / "draft.toml").read_text())
    assert "add --fresh to replace it" in " ".join(refused.stderr.split())
    assert 0 == run("discover", log, "-o", tmp_path / "draft.toml", "--fresh").exit_code


def test_discover_never_writes_over_its_log(tmp_path: Path) -> None:
    """Nor the diagram over the draft, nor a draft whose diagram has no folder: exit 2, and nothing is written."""
    log = xes(tmp_path, "ab")
    before = log.read_bytes()
    draft, hard = tmp_path / "draft.toml", tmp_path / "hard.toml"
    hard.hardlink_to(log)
    for targets in (
        ["-o", log, "--fresh"],
        ["-o", hard, "--fresh"],
        ["-o", draft, "--diagram", draft],
        ["-o", draft, "--diagram", tmp_path / "no" / "x.mmd"],
    ):
        assert 2 == run("discover", log, *targets).exit_code
    assert (before, False) == (log.read_bytes(), draft.exists())


def test_discover_says_that_its_log_has_faults(tmp_path: Path) -> None:
    """A time that cannot be read: the draft is drawn, exit 1, and what a replay will lack is said."""
    log = xes(tmp_path, "ab")
    text = log.read_text(encoding="utf-8")
    log.write_text(re.sub(r'(<date key="time:timestamp" value=")[^"]*', r"\1abc", text, count=1), encoding="utf-8")
    answer = run("discover", log)
    assert (1, True) == (answer.exit_code, "the log has faults" in answer.stderr)


@pytest.mark.parametrize("share", ["1e999999999", "1/0", "-1", "abc", "nan", "1e400", "2"])
def test_a_share_is_a_plain_number(tmp_path: Path, share: str) -> None:
    """What is none, or would take for ever to write out, is refused at once."""
    assert 2 == run("discover", xes(tmp_path, "ab"), f"--min-share={share}").exit_code


def test_a_classifier_is_asked_for_on_the_command_line(tmp_path: Path) -> None:
    """Its name makes the activity; another name is bad input with those there are."""
    log = xes(tmp_path, "a", more='<classifier name="who" keys="concept:name org:resource"/>')
    assert {"a+lan": 1} == told("log-stats", log, "--classifier", "who")["activities"]
    refused = run("log-stats", log, "--classifier", "x")
    assert (2, True) == (refused.exit_code, "the file has: 'who'" in refused.stderr)


@pytest.mark.parametrize("name", ["out.xes", "out.csv.gz"])
def test_export_writes_the_trail(tmp_path: Path, name: str) -> None:
    """The trail of a replay as a log again, by the ending of the file's name."""
    log = xes(tmp_path, "ab", "a")
    run("discover", log, "-o", tmp_path / "draft.toml")
    run("replay", log, "--process", tmp_path / "draft.toml", "--store", tmp_path / "log.db")
    answer = told("export", tmp_path / "log.db", "-o", tmp_path / name)
    assert (2, 0) == (answer["cases"], answer["replaced_characters"])
    assert 2 == run("export", tmp_path / "log.db", "-o", tmp_path / name).exit_code
    assert 0 == run("export", tmp_path / "log.db", "-o", tmp_path / name, "--fresh").exit_code
    if name.endswith(".xes"):
        assert {"a": 2, "b": 1} == told("log-stats", tmp_path / name)["activities"]


def test_export_says_what_it_cannot_write(tmp_path: Path) -> None:
    """Another ending, or no store: exit 2 with the mend."""
    refused = run("export", tmp_path / "log.db", "-o", "out.txt")
    assert (2, True) == (refused.exit_code, "end it in .xes, .csv, .xes.gz or .csv.gz" in " ".join(refused.stderr.split()))
    assert 2 == run("export", tmp_path / "none.db", "-o", tmp_path / "out.xes").exit_code


@pytest.fixture
def replayed(tmp_path: Path) -> Path:
    """A store of two cases."""
    log = xes(tmp_path, "ab", "a")
    run("discover", log, "-o", tmp_path / "draft.toml")
    run("replay", log, "--process", tmp_path / "draft.toml", "--store", tmp_path / "log.db")
    return tmp_path / "log.db"


@pytest.mark.parametrize("form", ["cloudevents", "csv"])
def test_export_never_writes_over_its_store(replayed: Path, form: str) -> None:
    """Nor over what lies beside it, nor through a link: exit 2, and the store is as it was."""
    before = replayed.read_bytes()
    soft, hard = replayed.with_name("soft.csv"), replayed.with_name("hard.csv")
    soft.symlink_to(replayed)
    hard.hardlink_to(replayed)
    outs = [soft, hard] if form == "csv" else [replayed, soft, hard, *(f"{replayed}-{end}" for end in ("wal", "shm"))]
    for url in (replayed, f"sqlite:///{replayed}"):
        for out in outs:
            assert 2 == run("export", url, "-o", out, "--form", form, "--fresh").exit_code
    assert (before, 0) == (replayed.read_bytes(), run("verify", replayed).exit_code)


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.xes"])
def test_an_export_that_fails_leaves_what_was_there(replayed: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """No half file, and none beside it."""
    out = replayed.with_name(name)
    out.write_text("of yesterday")
    monkeypatch.setattr(json, "dumps", _fail)
    monkeypatch.setattr("qms.exchange.export.evolve", _fail)
    assert "the disk is full" in run("export", replayed, "-o", out, "--fresh").stderr
    assert ("of yesterday", []) == (out.read_text(), list(replayed.parent.glob(".*")))


def _fail(*_: object, **__: object) -> None:
    raise OSError("the disk is full")


def test_an_export_goes_into_a_pipe(replayed: Path) -> None:
    """What is no file is written as it is."""
    assert 0 == run("export", replayed, "-o", "/dev/null", "--form", "cloudevents", "--fresh").exit_code
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("more", [["--after", "9" * 22], ["--source", "x\udcff"]])
def test_an_export_of_what_cannot_be_asked_for(replayed: Path, more: list[str]) -> None:
    """Beyond the last record there is nothing; a name that is no text is bad input."""
    done = run("export", replayed, "-o", replayed.with_name("out.jsonl"), *more)
    assert (0 if "--after" in more else 2) == done.exit_code
    assert done.exception is None or type(done.exception) is SystemExit
