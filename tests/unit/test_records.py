"""Forms and guards of the kinds of record: what a form refuses, in which words, and what it keeps."""

from __future__ import annotations

import ast
import inspect
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from district import at
from qms import errors, records
from qms.codec import encode
from qms.errors import InvalidInput
from qms.form import keep, personal_fields, read_form
from qms.records import FORMS, GUARDS, checks, dossier, nonconformity
from qms.records.nonconformity import CauseAnalysis, Disposition

PLAN: dict[str, Any] = {
    "what": "a field",
    "doer": "tam",
    "reviewer": "mai",
    "criterion": "none without",
    "measure_from": at("01/06/2021 00:00"),
    "measure_to": at("01/08/2021 00:00"),
}


def faults(form: str, **fields: Any) -> dict[str, str]:
    """What is wrong with a form, by field."""
    with pytest.raises(InvalidInput) as refused:
        read_form(FORMS[form], fields)
    return {problem.where: problem.message for problem in refused.value.problems}


# What the forms refuse


def test_all_faults_of_a_form_come_at_once_by_field() -> None:
    """Three wrong fields, three messages, each with the wrong value and the mend."""
    found = faults("Application", applicant=" ", channel="fax", sets_of_papers=0)
    assert {
        "applicant": "' ' says nothing; write it in words",
        "channel": "'fax' is none of counter, online, post",
        "sets_of_papers": "0 is not at least 1",
    } == found


def test_a_missing_field_is_named() -> None:
    """What must be given and is not is said to be missing."""
    assert {"reason": "missing", "basis": "missing"} == faults("Refusal")


def test_an_empty_list_is_refused() -> None:
    """A request to supplement names every paper, and no blank one."""
    given_ = {"reason": "unsigned", "basis": "ND 61 art. 19(4)"}
    assert {"items": "the list is empty; name at least one"} == faults("SupplementRequest", items=[], **given_)
    assert {"items": "entry 1 says nothing; write it in words or leave it out"} == faults(
        "SupplementRequest", items=["a", " "], **given_
    )


def test_a_naive_payment_is_refused() -> None:
    """An instant without a zone is none."""
    assert {"paid_at"} == set(faults("ObligationReceipt", number="7", paid_at="2021-03-11T10:00:00"))


def test_a_period_is_a_time_limit() -> None:
    """A period that cannot be counted is refused with the words that can be."""
    given_ = {"ground": "court", "reason": "a claim", "basis": "Decree 43/2014"}
    assert {"period"} == set(faults("Suspension", period="1.5 working days", **given_))
    assert "15 days" == str(read_form(FORMS["Suspension"], {"period": "15 days", **given_}).period)


def test_a_very_long_text_is_refused() -> None:
    """What does not fit a record is kept beside it."""
    assert "beside" in faults("Reasoned", reason="x" * (checks.LONGEST + 1))["reason"]


def test_a_due_date_is_computed_and_never_typed() -> None:
    """The receipt has no field for a date of the result."""
    assert {"appointment"} == set(faults("Receipt", appointment="2021-03-15T17:00:00+07:00"))


# What they keep


def test_what_is_personal_is_not_repeated_in_a_fault() -> None:
    """The words that would do are told, what was given is not."""
    said = "what was given is none of very-dissatisfied, dissatisfied, neutral, satisfied, very-satisfied"
    assert {"overall": said} == faults("Survey", overall="as bad as Minh")


def test_what_identifies_a_person_is_personal() -> None:
    """Name, address, phone, e-mail and matter of an applicant are sealed; their opaque id is not."""
    wanted = {"applicant", "representative", "address", "phone", "email", "subject"}
    assert wanted == personal_fields(FORMS["Application"])
    assert {"overall", "timeliness", "attitude", "guidance", "comment"} == personal_fields(FORMS["Survey"])


@pytest.mark.parametrize("name", sorted(FORMS))
def test_every_form_says_what_it_is(name: str) -> None:
    """A form is frozen, by keyword, and its docstring names what it is."""
    form = FORMS[name]
    assert attrs.fields(form) is not None
    assert (form.__doc__ or "").strip().split("\n")[0].endswith((".", ":")) or "(" in (form.__doc__ or "")
    assert all(attribute.kw_only for attribute in attrs.fields(form))


@pytest.mark.parametrize("name", sorted(GUARDS))
def test_every_guard_says_its_rule(name: str) -> None:
    """A guard's function has a docstring that gives the rule."""
    assert (GUARDS[name].judge.__doc__ or "").strip()


def test_a_form_that_is_kept_reads_back() -> None:
    """Kept as canonical bytes and read again, a form is the same."""
    plan = read_form(FORMS["ActionPlan"], PLAN)
    assert encode(keep(plan))
    assert plan == read_form(FORMS["ActionPlan"], keep(plan))


words = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30)


@given(words, st.lists(words, max_size=3))
def test_a_text_field_takes_words_and_nothing_else(text: str, items: list[str]) -> None:
    """A text or list is taken exactly when none of it is blank, and then read back as written."""
    form = {"items": items, "reason": text, "basis": "law"}
    good = bool(text.strip()) and bool(items) and all(item.strip() for item in items)
    try:
        read = read_form(FORMS["SupplementRequest"], form)
    except InvalidInput:
        assert not good
    else:
        assert good
        assert read == read_form(FORMS["SupplementRequest"], keep(read))


# Names


def test_a_name_stands_for_one_form_and_one_guard() -> None:
    """No two kinds of record give one name to different things."""
    for module, other in ((dossier, nonconformity), (nonconformity, dossier)):
        named = {n for n, v in vars(module).items() if isinstance(v, type) and attrs.has(v) and v.__module__ == module.__name__}
        assert not named & {n for n, v in vars(other).items() if isinstance(v, type) and v.__module__ == other.__name__}
    assert set(FORMS) == set(FORMS.keys())
    assert {"FORMS", "GUARDS"} == set(records.__all__)


@pytest.mark.parametrize("module", [dossier, nonconformity])
def test_every_reason_has_words_in_two_languages(module: Any) -> None:
    """Codes that guards give are spoken in English and Vietnamese."""
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Call)]
    codes = {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "Reason" and isinstance(call.args[0], ast.Constant)
    }
    assert codes
    assert set() == {code for code in codes if {"en", "vi"} - set(errors._WORDS.get(str(code), {}))}


# The nonconformity


@pytest.mark.parametrize("cause", ["human error", "Operator error", "staff mistake", "do con người", "lỗi cá nhân", "sơ suất"])
def test_blame_alone_is_refused(cause: str) -> None:
    """The message says what to look for instead."""
    found = faults("CauseAnalysis", method="5-why", root_causes=[cause], similar="none")
    assert "say what let the error happen" in found["root_causes"]


@pytest.mark.parametrize("cause", ["no second reading before the seal", "human error is not caught by the form"])
def test_a_cause_is_taken(cause: str) -> None:
    """What names a mechanism is a cause, with or without a person in it."""
    assert (cause,) == CauseAnalysis(method="5-why", root_causes=(cause,), similar="none").root_causes


def test_a_plan_measures_after_it_began_and_names_another_reviewer() -> None:
    """The reviewer is not the doer, and there is time to see an effect."""
    assert "name somebody else" in str(faults("ActionPlan", **PLAN | {"reviewer": "tam"}))
    assert "give the measure time" in str(faults("ActionPlan", **PLAN | {"measure_to": at("01/06/2021 00:00")}))


def test_a_disposition_is_one_of_a_closed_list() -> None:
    """8.7.1 names what can be done with a nonconforming output."""
    assert "decision" in faults("Disposition", decision="ignore", actions="none", authority="none")
    assert Disposition(decision="segregate", actions="set aside", authority="rules").decision == "segregate"
