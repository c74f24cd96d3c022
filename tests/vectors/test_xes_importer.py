"""The 34 XES files made to test importers fall as a fair reading has them: clean, read with a warning, or refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qms.errors import InvalidInput
from qms.exchange.xes import XesFile
from qms.exchange.xeslog import XesLog

CLEAN = {
    "classifierCorrectAttributes",
    "classifierTraceCorrectAttributes",
    "dateCorrectValue",
    "eventCorrectAttributes",
    "intCorrectValue",
    "listEmptyValues",
    "realCorrectValue",
    "stringNestedNotDeclared",
}
REFUSED = {
    "noLog": "line 1, column 0: no XML: no element found",
    "logOutOfPlace": "line 29, <log>: <log> cannot stand here",
    "dateIncorrectValue": "line 13, <date>: 'long ago': '2002-0530T09:30:10Z' is no date and time",
    "intIncorrectValue": "line 13, <int>: 'number': '0.0' is no whole number",
    "realIncorrectValue": "line 13, <float>: 'number': '1.0.0' is no number",
    "booleanIncorrectValue": "line 13, <float>: 'expression': 'yes' is no number",
    "stringNoAttributes": "line 9, <string>: has no key and no value",
    "globalStringNoAttributes": "line 4, <string>: has no key and no value",
    "classifierNoAttributes": "line 8, <classifier>: has no name and no keys",
}
WARNED = {
    "attributeEventSwapped": "line 4, <string>: comes late",
    "attributeValuesSwapped": "line 4, <string>: comes after the values of its list",
    "classifierAttributeSwapped": "line 7, <classifier>: comes late",
    "classifierEventSwapped": "line 9, <classifier>: comes late",
    "eventIdenticalAttributes": "line 20, <string>: 'concept:name' stands twice",
    "eventIncorrectType": "line 23, <int>: 'org:resource' is declared as string",
    "eventTooManyAttributes": "line 17, <event>: 'key' is no attribute of it",
    "extensionAttributeSwapped": "line 3, <extension>: comes late",
    "extensionEventSwapped": "line 3, <extension>: comes late",
    "extensionGlobalSwapped": "line 3, <extension>: comes late",
    "extensionTooManyAttributes": "line 2, <extension>: 'attribute' is no attribute of it",
    "globalClassifierSwapped": "line 7, <global>: comes late",
    "globalTooManyAttributes": "line 3, <global>: 'attribute' is no attribute of it",
    "globalTraceSwapped": "line 4, <global>: comes late",
    "logTooManyAttributes": "line 1, <log>: 'openxes.version' is no attribute of it",
    "stringTooManyAttributes": "line 9, <string>: 'attribute' is no attribute of it",
    "traceTooManyAttributes": "line 14, <trace>: 'key' is no attribute of it",
}


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    """Where the files lie."""
    return shared_data / "logs" / "xes_importer_tests"


def test_every_file_is_judged(folder: Path) -> None:
    """There are 34 files, and each has its verdict here."""
    assert sorted(path.stem for path in folder.iterdir()) == sorted([*CLEAN, *REFUSED, *WARNED])
    assert 34 == len(CLEAN) + len(REFUSED) + len(WARNED)


@pytest.mark.parametrize("name", sorted(CLEAN))
def test_a_clean_file_is_read_without_a_word(folder: Path, name: str) -> None:
    """What is as the standard has it is read, and nothing is said of it."""
    file = XesFile(folder / f"{name}.xes")
    assert ([], True) == (file.warnings, list(file) is not None)
    assert 0 == file.warned


@pytest.mark.parametrize(("name", "told"), WARNED.items())
def test_a_file_of_doubtful_form_is_read_with_a_warning(folder: Path, name: str, told: str) -> None:
    """What is out of form is read; the warning names element and line."""
    file = XesFile(folder / f"{name}.xes")
    list(file)
    assert True is any(str(warning).startswith(told) for warning in file.warnings), file.warnings
    assert True is all(re.match(r"line \d+, <\w+>", warning.where) for warning in file.warnings)


@pytest.mark.parametrize(("name", "told"), REFUSED.items())
def test_a_file_that_is_no_log_is_refused(folder: Path, name: str, told: str) -> None:
    """What cannot be read is refused with the file, the line and the element."""
    with pytest.raises(InvalidInput, match=rf"{name}.xes: {re.escape(told)}"):
        list(XesFile(folder / f"{name}.xes"))


@pytest.mark.parametrize("name", sorted([*CLEAN, *REFUSED, *WARNED]))
def test_as_an_event_log_none_falls_over(folder: Path, name: str) -> None:
    """As logs they are without times: events without asking for times, else faults or refusals that name the file."""
    for timeless in (True, False):
        try:
            list(XesLog(folder / f"{name}.xes", timeless=timeless))
        except InvalidInput as error:
            assert f"{name}.xes" in str(error)
