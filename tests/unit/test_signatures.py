"""Signatures on documents as evidence: levels, certificates, validity at the act, and a share that counts what verified."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.x509.oid import NameOID

from definitions import at, problems, small
from office import denied, office
from qms.codec import decode
from qms.errors import InvalidInput
from qms.event import Acted, read
from qms.measure.signing import signing
from qms.process import Process
from qms.records import FORMS
from qms.signatures import DIGITAL, LEVELS, Certificates, Presented, Signed, judge_evidence, signed_as

HASH = sha256(b"the decision").hexdigest()
DAY = 86_400_000_000
NOW = at("02 09:00")

SIGNED = """
[actions.sign]
from = "waiting"
to = "done"
roles = ["head"]
form = "Signature"
evidence = "{level}"
"""


@cache
def key(kind):
    """A key of a kind; one of each is enough."""
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    return ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else ec.generate_private_key(ec.SECP256R1())


def certificate(name, private, issuer=None, *, is_ca=False, days=(-10, 10)):
    """The PEM of a certificate of *name*, issued by (name, key) or by itself, valid some days around `NOW`."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=NOW)
    by, signing_key = issuer or (name, private)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, by)]))
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(moment + timedelta(days=days[0]))
        .not_valid_after(moment + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    made = builder.sign(signing_key, None if isinstance(signing_key, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


def sign(private, digest=HASH, pss=False):
    """The signature over a hash, in base64."""
    data, prehashed = bytes.fromhex(digest), utils.Prehashed(hashes.SHA256())
    if isinstance(private, rsa.RSAPrivateKey):
        way = padding.PSS(padding.MGF1(hashes.SHA256()), 32) if pss else padding.PKCS1v15()
        value = private.sign(data, way, prehashed)
    elif isinstance(private, ed25519.Ed25519PrivateKey):
        value = private.sign(data)
    else:
        value = private.sign(data, ec.ECDSA(prehashed))
    return b64encode(value).decode()


ROOT = certificate("Government CA", key("ca"), is_ca=True)
HOA = certificate("hoa", key("ec"), ("Government CA", key("ca")))
STORE = Certificates({"digital-official": [ROOT]})


def presented(level="digital-official", document_hash=HASH, pem=HOA, signature=None):
    """What is given with an act."""
    return Presented(level, document_hash, pem, signature or sign(key("ec")))


# Whether a signature holds


@pytest.mark.parametrize(("kind", "pss"), [("rsa", False), ("rsa", True), ("ec", False), ("ed25519", False)])
def test_a_signature_under_a_trusted_certificate_is_valid(kind, pss):
    """RSA of both kinds, ECDSA and Ed25519, over the hash of the document."""
    pem = certificate("hoa", key(kind), ("Government CA", key("ca")))
    assert "valid" == STORE(presented(pem=pem, signature=sign(key(kind), pss=pss)), NOW)


def test_a_certificate_may_be_trusted_by_itself():
    """Named as it is, without who issued it; then for that level alone."""
    pem = certificate("agency", key("ec"))
    pinned = Certificates({"agency-seal": [pem]})
    assert ("valid", "untrusted") == (pinned(presented("agency-seal", pem=pem), NOW), pinned(presented(pem=pem), NOW))


OTHER_CA = certificate("Other CA", key("other"), is_ca=True)
BAD = {
    "no hash": ("incomplete", lambda: presented(document_hash="")),
    "no certificate": ("incomplete", lambda: presented(pem="")),
    "no signature": ("incomplete", lambda: Presented("digital-official", HASH, HOA)),
    "a hash of another kind": ("malformed", lambda: presented(document_hash=HASH[:40])),
    "no hexadecimal": ("malformed", lambda: presented(document_hash="x" * 64)),
    "no certificate at all": ("malformed", lambda: presented(pem="hoa")),
    "no base64": ("malformed", lambda: presented(signature="é!")),
    "another document": ("bad-signature", lambda: presented(document_hash=sha256(b"other").hexdigest())),
    "somebody else's key": ("bad-signature", lambda: presented(signature=sign(key("other")))),
    "an issuer nobody knows": (
        "untrusted",
        lambda: presented(pem=certificate("hoa", key("ec"), ("Other CA", key("other")))),
    ),
    "an issuer's name, another's key": (
        "untrusted",
        lambda: presented(pem=certificate("hoa", key("ec"), ("Government CA", key("other")))),
    ),
    "issued by itself": ("untrusted", lambda: presented(pem=certificate("hoa", key("ec")))),
    "expired": ("expired", lambda: presented(pem=certificate("hoa", key("ec"), ("Government CA", key("ca")), days=(-10, -1)))),
    "not valid yet": (
        "expired",
        lambda: presented(pem=certificate("hoa", key("ec"), ("Government CA", key("ca")), days=(1, 9))),
    ),
    "another level": ("untrusted", lambda: presented("agency-seal")),
}


@pytest.mark.parametrize("what", BAD)
def test_what_does_not_hold_is_told_by_a_word(what):
    """Each fault by its own."""
    word, make = BAD[what]
    assert word == STORE(make(), NOW)


def test_who_is_no_issuer_issues_nothing():
    """A certificate of a person, although trusted, vouches for nobody else."""
    child = certificate("lan", key("other"), ("hoa", key("ec")))
    store = Certificates({"digital-official": [HOA]})
    assert "untrusted" == store(presented(pem=child, signature=sign(key("other"))), NOW)


def test_it_is_judged_at_the_instant_of_the_act():
    """A certificate that has expired since, or was revoked since, was valid then; before and after it was not."""
    fingerprint = x509.load_pem_x509_certificate(HOA.encode()).fingerprint(hashes.SHA256()).hex()
    store = Certificates({"digital-official": [ROOT]}, {fingerprint: NOW + DAY})
    words = [store(presented(), NOW + days * DAY) for days in (-11, 0, 1, 2, 11)]
    assert ["untrusted", "valid", "revoked", "revoked", "untrusted"] == words


def test_only_digital_levels_rest_on_certificates():
    """A wet signature has no issuer."""
    with pytest.raises(InvalidInput, match="wet"):
        Certificates({"wet": [ROOT]})


# What a definition demands


@pytest.mark.parametrize("least", LEVELS)
@pytest.mark.parametrize("given", LEVELS)
def test_a_level_is_enough_from_the_least_on(given, least):
    """And where the least is digital, it must have been verified."""
    validity = "valid" if given in DIGITAL else None
    reason = judge_evidence("sign", least, Signed(given, validity=validity))
    assert (LEVELS.index(given) >= LEVELS.index(least)) == (reason is None)
    unverified = judge_evidence("sign", least, Signed(given, validity="unverified" if given in DIGITAL else None))
    assert (reason is None and least not in DIGITAL) == (unverified is None)


def test_an_unknown_level_is_refused():
    """A word that nobody knows is no evidence."""
    assert "evidence-unknown" == judge_evidence("sign", "wet", Signed("blood")).code


def test_without_somebody_to_ask_nothing_is_verified():
    """The certificate is kept by its hash all the same, which is what other tools show."""
    kept = signed_as(presented(), NOW, None)
    assert ("unverified", False) == (kept.validity, kept.counts)
    assert x509.load_pem_x509_certificate(HOA.encode()).fingerprint(hashes.SHA256()).hex() == kept.certificate
    assert Signed("wet", HASH) == signed_as(Presented("wet", HASH), NOW, STORE)
    assert (
        sha256(b"serial 7").hexdigest()
        == signed_as(Presented("digital-official", certificate="serial 7"), NOW, None).certificate
    )


def working(level, **more):
    """An office whose heads sign at *level*, with one case waiting."""
    org = office(small(SIGNED.format(level=level)), forms=FORMS, **more)
    org.open("small", by="lan", id="a")
    return org


def form(**changes):
    """What the head tells."""
    return {"evidence": "digital-official", "document_hash": HASH, "certificate": HOA, "signature": sign(key("ec"))} | changes


def test_what_is_signed_stands_in_the_event():
    """Level, both hashes and the validity; the certificate itself, which names a person, is sealed."""
    org = working("digital-official", validity=STORE)
    org.act("a", "sign", by="hoa", form=form())
    data = list(org.store.read("a"))[-1].data
    event = read(data)
    assert isinstance(event, Acted)
    assert ("digital-official", HASH, "valid", True) == (
        event.evidence.level,
        event.evidence.hash,
        event.evidence.validity,
        event.evidence.counts,
    )
    assert ("sealed" in decode(data)["form"]["certificate"], b"CERTIFICATE" in data) == (True, False)
    assert org.trail.verify().consistent


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("evidence-level", {"evidence": "wet"}),
        ("evidence-level", {"evidence": "digital-personal"}),
        ("evidence-invalid", {"signature": None}),
        ("evidence-invalid", {"document_hash": sha256(b"other").hexdigest()}),
        ("evidence-invalid", {"evidence": "agency-seal"}),
    ],
)
def test_less_than_the_definition_demands_is_denied(code, changes):
    """With its reason, and nothing has changed."""
    org = working("digital-official", validity=STORE)
    with denied(code):
        org.act("a", "sign", by="hoa", form={k: v for k, v in form(**changes).items() if v is not None})
    assert org.case("a").open


def test_a_claim_is_no_evidence():
    """An office that verifies nothing cannot sign digitally; it can on paper, where that is enough."""
    with denied("evidence-invalid"):
        working("digital-official").act("a", "sign", by="hoa", form=form())
    org = working("wet")
    org.act("a", "sign", by="hoa", form=form())
    assert "unverified" == read(list(org.store.read("a"))[-1].data).evidence.validity


def test_each_of_several_who_approve_signs():
    """Every approval keeps how it was signed."""
    org = office(small(SIGNED.format(level="click") + "approvals = 2\n"), forms=FORMS)
    org.open("small", by="lan", id="a")
    for who in ("hoa", "minh"):
        org.act("a", "sign", by=who, form={"evidence": "click"})
    found = [read(entry.data) for entry in org.store.read("a")]
    assert [("hoa", "click"), ("minh", "click")] == [
        (e.by, e.evidence.level) for e in found if isinstance(e, Acted) and e.evidence
    ]


def test_an_act_without_evidence_asked_for_keeps_the_bytes_it_had():
    """Records of before are read, and written, as they were."""
    org = office(small())
    org.open("small", by="lan", id="a")
    assert b"evidence" not in b"".join(entry.data for entry in org.store.read("a"))


def test_a_definition_names_a_known_level_and_a_form_that_tells_it():
    """Every fault at once, with its place."""
    told = problems(small, SIGNED.format(level="gold").replace('form = "Signature"\n', ""))
    assert ["actions.sign.evidence", "actions.sign.evidence"] == [text.partition(":")[0] for text in told]
    with pytest.raises(InvalidInput, match="has no field 'evidence'"):
        office(small(SIGNED.format(level="wet").replace("Signature", "Reasoned")), forms=FORMS)


def test_reasons_are_told_in_both_languages():
    """To people, without codes."""
    for code in ("evidence-level", "evidence-invalid"):
        org = working("digital-official")
        changes = {"evidence": "wet"} if code == "evidence-level" else {}
        with denied(code) as reasons:
            org.act("a", "sign", by="hoa", form=form(**changes))
        assert [False, False] == [code in reasons[0].text(language) for language in ("en", "vi")]


def test_the_one_stop_dossier_keeps_how_its_result_was_signed():
    """The shipped definition asks for it; paper is enough."""
    assert "wet" == Process.load("one-stop").definition.actions["sign"].evidence


# The share


def test_the_share_counts_what_verified():
    """Of all that was signed; what was claimed and did not hold stands beside it, by why."""
    kinds = [Signed("wet"), Signed("click"), None, Signed("digital-official", HASH, "c", "valid"), Signed("digital-personal")]
    kinds += [
        Signed("agency-seal", validity="revoked"),
        Signed("agency-seal", validity="valid"),
        Signed("wet", validity="valid"),
    ]
    found = signing(kinds)
    assert (7, 2, Decimal("28.57")) == (found.signed, found.verified, found.rate)
    assert {"revoked": 1, "unverified": 1} == found.failed
    assert {"agency-seal": 2, "click": 1, "digital-official": 1, "digital-personal": 1, "wet": 2} == found.levels


def test_nothing_signed_is_no_share():
    """Not 0 %, and not 100 %."""
    assert (0, None) == (signing([None]).signed, signing([]).rate)
