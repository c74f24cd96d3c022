"""Acting for others: delegations, capacities of signing, competence, interests."""

from __future__ import annotations

import pytest

from definitions import at, problems, small
from office import Now, denied, office
from qms.authority import Competence, Delegation, Grant, Roster, exercised, judge_role, signing_lines
from qms.errors import InvalidInput
from qms.event import Acted

PROCESS = small("""
[roles]
clerk = {}
head = {}
[steps.drafted]
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
[actions.draft]
from = "waiting"
to = "drafted"
roles = ["clerk", "head"]
[actions.sign]
from = "drafted"
to = "done"
roles = ["head"]
separate_from = ["draft"]
""")


def written(**more):
    """Hoa, the head, lends Minh the signing for July, in writing."""
    given = {"by": "hoa", "to": "minh", "role": "head", "since": at("05 00:00"), "until": at("10 00:00"), "basis": "12/QD"}
    return Delegation(**{**given, **more})


def drafted(*delegations, table=None, **more):
    """An office with a draft of Lan's that waits to be signed; the case is `a`."""
    people = Roster(table or {"lan": ["clerk"], "hoa": ["head"], "minh": ["clerk"]}, delegations, **more)
    now = Now("05 09:00")
    org = office(PROCESS, people=people, now=now)
    org.open("small", by="lan")
    org.act("a", "draft", by="lan")
    return org, now


def test_who_stands_in_acts_and_it_is_kept_for_whom():
    """The event names both, in whatever capacity."""
    org, _ = drafted(written())
    org.act("a", "sign", by="minh")
    event = org.history("a")[-1]
    assert isinstance(event, Acted) and ("minh", "hoa", None) == (event.by, event.on_behalf, event.capacity)


def test_a_written_authority_is_printed_as_such():
    """The capacity is kept with the act."""
    org, _ = drafted(written(capacity="TUQ.", scope=("sign",)))
    org.act("a", "sign", by="minh")
    event = org.history("a")[-1]
    assert isinstance(event, Acted) and ("TUQ.", "hoa") == (event.capacity, event.on_behalf)


def test_a_written_authority_ends_at_its_instant():
    """At the first instant after it nothing is left of it; the denial says that it was lent."""
    org, now = drafted(written(capacity="TUQ.", scope=("sign",)))
    now.to("10 00:00")
    with denied("expired-delegation"):
        org.act("a", "sign", by="minh")


def test_what_was_lent_is_not_passed_on():
    """A sub-delegation gives nothing, and says why."""
    chain = (written(), written(by="minh", to="mai"))
    org, _ = drafted(*chain)
    with denied("sub-delegation"):
        org.act("a", "sign", by="mai")


def test_a_tuq_grant_of_a_directory_is_not_passed_on_either():
    """Who only holds a written authority cannot delegate it."""
    lent = Grant("head", until=at("20 00:00"), basis="12/QD", capacity="TUQ.", scope=("sign",))
    org, _ = drafted(written(by="minh", to="mai"), table={"lan": ["clerk"], "minh": [lent]})
    with denied("sub-delegation"):
        org.act("a", "sign", by="mai")


def test_a_deputy_signs_in_their_field_alone():
    """KT. covers the fields assigned, and nothing without any."""
    table = {"lan": ["clerk"], "minh": [Grant("head", capacity="KT.", scope=("Land",))], "mai": [Grant("head", capacity="KT.")]}
    org, _ = drafted(table=table)
    for deputy in ("minh", "mai"):
        with denied("outside-scope"):
            org.act("a", "sign", by=deputy)


def test_an_order_covers_the_kinds_that_are_listed():
    """TL. names processes, procedures or actions."""
    table = {"lan": ["clerk"], "minh": [Grant("head", capacity="TL.", scope=(PROCESS.name,))]}
    org, _ = drafted(table=table)
    assert "done" in org.act("a", "sign", by="minh").steps


def test_authority_ends_with_the_competence_it_rests_on():
    """An expired certificate takes the role away (7.2)."""
    expired = Grant("head", competence=Competence("signing certificate", until=at("05 08:00")))
    org, _ = drafted(table={"lan": ["clerk"], "hoa": [expired]})
    with denied("expired-competence") as reasons:
        org.act("a", "sign", by="hoa")
    assert ("7.2", "signing certificate") == (reasons[0].clause, reasons[0].params["competence"])


def test_a_delegation_ends_with_the_authority_of_who_gave_it():
    """What the head no longer holds nobody holds for them."""
    table = {"lan": ["clerk"], "hoa": [Grant("head", until=at("06 00:00"))]}
    org, now = drafted(written(), table=table)
    now.to("06 00:00")
    with denied("expired-delegation"):
        org.act("a", "sign", by="minh")


def test_standing_in_makes_nobody_two_people():
    """Who drafted cannot sign for the head, and what the head drafted the stand-in cannot sign for them."""
    org, _ = drafted(written(to="lan"))
    with denied("separation-of-duties"):
        org.act("a", "sign", by="lan")
    org, _ = drafted(written(), table={"lan": ["clerk"], "hoa": ["head", "clerk"], "minh": []})
    org.open("small", by="hoa")
    org.act("b", "draft", by="hoa")
    with denied("separation-of-duties"):
        org.act("b", "sign", by="minh")


def test_who_acted_for_another_bars_that_other_too():
    """Minh drafts for Hoa: Hoa has drafted, and may not sign."""
    table = {"lan": ["clerk"], "hoa": ["head"], "minh": []}
    org, _ = drafted(written(), table=table)
    org.open("small", by="lan")
    org.act("b", "draft", by="minh")
    with denied("separation-of-duties"):
        org.act("b", "sign", by="hoa")


def test_who_has_an_interest_takes_no_part():
    """A declared interest in a part of the case bars every official act."""
    process = small("""
    parts = ["applicant"]
    [actions.ask]
    from = "new"
    to = "waiting"
    roles = ["applicant", "clerk"]
    form = "Paper"
    names.applicant = "form.applicant"
    """)
    people = Roster({"lan": ["clerk"], "mai": ["clerk"]}, conflicts={"lan": ["an"]})
    org = office(process, people=people)
    org.open("small", by="mai", form={"title": "x", "applicant": "an"})
    with denied("conflict"):
        org.act("a", "finish", by="lan")
    assert ("mai",) == org.who_can("a", "finish")


def test_an_action_says_in_which_capacities_it_is_signed():
    """A capacity that it does not list is refused."""
    process = small("actions.finish = { from = 'waiting', to = 'done', roles = ['head'], capacities = ['own', 'KT.'] }")
    people = Roster({"lan": ["clerk"], "minh": [Grant("head", capacity="TL.", scope=("finish",))], "hoa": ["head"]})
    org = office(process, people=people)
    org.open("small", by="lan")
    with denied("wrong-capacity"):
        org.act("a", "finish", by="minh")
    assert ("hoa",) == org.who_can("a", "finish")


def test_a_capacity_that_is_none_is_a_fault_of_the_file():
    """The message lists the capacities there are."""
    text = "actions.finish = { from = 'waiting', to = 'done', roles = ['clerk'], capacities = ['PP'] }"
    assert ["actions.finish.capacities[0]: 'PP' is no capacity; known: own, TM., KT., TUQ., TL., Q."] == problems(small, text)


def test_all_faults_of_a_roster_come_at_once():
    """What is lent must be held, dated, written and limited."""
    wrong = (
        written(by="lan", role="head"),
        written(until=at("05 00:00")),
        written(basis=" "),
        written(to="hoa"),
        written(capacity="TUQ."),
        written(capacity="PP"),
        written(by="system"),
    )
    told = problems(Roster, {"hoa": ["head"], "lan": ["clerk"]}, wrong)
    places = [problem.partition(":")[0] for problem in told]
    expected = ["[0].by", "[1].until", "[2].basis", "[3].to", "[4].scope", "[5].capacity", "[6]", "[6].by"]
    assert [f"delegations{place}" for place in expected] == places


def test_a_delegation_gives_no_wider_scope_or_place_than_its_giver_has():
    """Scopes are narrowed to what both name; another unit is refused."""
    table = {"hoa": [Grant("head", unit="justice", scope=("land", "tax"))]}
    roster = Roster(
        table, [written(scope=("tax", "health")), written(to="mai", scope=("health",)), written(to="an", unit="health")]
    )
    narrowed, nothing, elsewhere = (roster.grants(actor, 0)[0] for actor in ("minh", "mai", "an"))
    assert (("tax",), ("nothing",), "no-authority") == (narrowed.scope, nothing.scope, elsewhere.barred)


def test_ones_own_authority_goes_before_that_of_another():
    """Who holds the role themselves does not act on behalf."""
    own, lent = Grant("head"), Grant("head", on_behalf="hoa")
    assert own is exercised(["head"], [lent, own], None, 0)


def test_one_who_is_not_yet_entitled_lacks_authority():
    """A delegation that has not begun is no expired one."""
    lent = Grant("head", since=5, until=9, basis="12/QD", capacity="TUQ.", scope=("sign",), unit="justice")
    reasons = [
        judge_role("sign", "minh", ["head"], [lent], unit, at_, (), ("sign",)) for unit, at_ in (("justice", 4), ("tax", 6))
    ]
    assert ["no-authority", "no-authority"] == [reason.code for reason in reasons if reason is not None]


def test_a_written_authority_without_an_end_is_refused():
    """TUQ. is limited in time and written."""
    assert ["capacity: a TUQ. authority is written and limited in time: give basis and until"] == problems(
        Grant, "head", capacity="TUQ."
    )


@pytest.mark.parametrize(
    ("capacity", "titles", "lines"),
    [
        ("own", {}, ("CHỦ TỊCH",)),
        ("TM.", {"body": "Ủy ban nhân dân"}, ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")),
        ("KT.", {"own": "Phó Chủ tịch"}, ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")),
        ("TUQ.", {"own": "Trưởng phòng Tư pháp"}, ("TUQ. CHỦ TỊCH", "TRƯỞNG PHÒNG TƯ PHÁP")),
        ("TL.", {"own": "Chánh Văn phòng"}, ("TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG")),
        ("Q.", {}, ("Q. CHỦ TỊCH",)),
    ],
)
def test_capacities_are_printed_as_the_decree_on_records_has_them(capacity, titles, lines):
    """Decree 30/2020/ND-CP, art. 13 and annex I."""
    assert lines == signing_lines(capacity, "Chủ tịch", **titles)


@pytest.mark.parametrize("capacity", ["PP", "TM.", "KT.", "TL.", "TUQ."])
def test_a_capacity_without_the_title_it_prints_is_refused(capacity):
    """A deputy without a title, a collective body without a name, a capacity that is none."""
    with pytest.raises(InvalidInput):
        signing_lines(capacity, "Chủ tịch")
