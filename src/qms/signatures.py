"""Signatures on documents, as evidence: how something was signed, over which hash, under which certificate, and whether it held.

Rule 1: levels are ordered: wet, click, electronic, digital of a person, digital of an official, seal of an agency. A
definition names the least level that it takes; a name alone is no evidence, so a digital one must have been verified.
Rule 2: whether it is valid is judged at the instant of the act that it is given with, never by a date that it claims.
Rule 3: what is kept is the hash of the document and of the certificate: a certificate names a person.
Rule 4: a digital signature that was not verified is none: no share counts it.

Law on Electronic Transactions 20/2023/QH15, art. 22: kinds of electronic signatures; Decree 30/2020/ND-CP, art. 13: who signs.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, TypeAlias

from attrs import field, frozen

from .errors import InvalidInput, Reason

__all__ = [
    "DIGITAL",
    "LEVELS",
    "VALID",
    "Certificates",
    "Presented",
    "Signed",
    "Validity",
    "judge_evidence",
    "presented",
    "signed_as",
]

LEVELS = ("wet", "click", "electronic", "digital-personal", "digital-official", "agency-seal")
"""How something can be signed, the least first."""

DIGITAL = LEVELS[3:]
"""The levels that rest on a certificate and can be verified."""

VALID, UNVERIFIED = "valid", "unverified"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHA256_HEX = 64


@frozen
class Presented:
    """How somebody says that a document was signed: the SHA-256 of the document in hexadecimal, the certificate as PEM, the
    signature over that hash in base64.
    """

    level: str
    document_hash: str | None = None
    certificate: str | None = field(default=None, repr=False)
    signature: str | None = field(default=None, repr=False)


@frozen
class Signed:
    """What is kept of a signature: level, hash of the document and of the certificate (SHA-256, hexadecimal), and whether it held.

    *validity* is None below the digital levels; else ``valid``, ``unverified``, or why it did not hold.
    """

    level: str
    hash: str | None = None
    certificate: str | None = None
    validity: str | None = None

    @property
    def counts(self) -> bool:
        """Whether it is a digital signature that was verified."""
        return self.level in DIGITAL and self.validity == VALID

    def to_tree(self) -> dict[str, str]:
        """As it stands in a record."""
        told = (("level", self.level), ("hash", self.hash), ("certificate", self.certificate), ("validity", self.validity))
        return {key: value for key, value in told if value is not None}


Validity: TypeAlias = Callable[[Presented, int], str]
"""Whether a signature holds at an instant (µs UTC): ``valid``, or a word for why not. `Certificates` is one; an embedding
system that reads PAdES, XAdES or CMS gives its own. It is asked while deciding, and must answer the same each time.
"""


def presented(form: Any) -> Presented:
    """What the *form* of an act says of its signature: its fields `evidence`, `document_hash`, `certificate`, `signature`."""
    names = ("document_hash", "certificate", "signature")
    return Presented(form.evidence, *(getattr(form, name, None) for name in names))


def signed_as(given: Presented, at: int, validity: Validity | None) -> Signed:
    """What is kept of *given*, judged at *at* (µs UTC); without a *validity* to ask a digital signature is unverified."""
    if given.level not in DIGITAL:
        return Signed(given.level, given.document_hash)
    held = UNVERIFIED if validity is None else validity(given, at)
    fingerprint = None if given.certificate is None else _fingerprint(given.certificate)
    return Signed(given.level, given.document_hash, fingerprint, held)


def judge_evidence(action: str, least: str, signed: Signed) -> Reason | None:
    """The reason against *action*, which takes evidence of the level *least*; None where *signed* is enough."""
    if signed.level not in LEVELS:
        return Reason("evidence-unknown", action=action, level=signed.level, levels=LEVELS)
    if LEVELS.index(signed.level) < LEVELS.index(least):
        return Reason("evidence-level", action=action, level=signed.level, least=least)
    if least in DIGITAL and signed.validity != VALID:
        return Reason("evidence-invalid", action=action, level=signed.level, validity=signed.validity)
    return None


def _fingerprint(certificate: str) -> str:
    """The SHA-256 of the certificate itself, which is what other tools show; of the text where it is none."""
    body = "".join(line for line in certificate.split() if "-" not in line and line not in ("BEGIN", "CERTIFICATE", "END"))
    try:
        data = b64decode(body, validate=True)
    except (Base64Error, ValueError):
        data = b""
    return sha256(data or certificate.encode()).hexdigest()


@frozen
class Certificates:
    """Whose certificates are trusted for which level, and which were revoked: a `Validity`.

    *issuers* holds, for each digital level, the PEM of certificates whose holders issue such certificates, or of those
    themselves. *revoked* maps the SHA-256 of a certificate (hexadecimal) to when it was revoked (µs UTC).
    A signature is over the SHA-256 of the document: RSA (PKCS #1 v1.5 or PSS) or ECDSA with that hash as the digest, Ed25519
    over its 32 bytes.

    Raises (when made):
        InvalidInput: a level that is not digital.
    """

    issuers: Mapping[str, Iterable[str]]
    revoked: Mapping[str, int] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        if wrong := sorted(set(self.issuers) - set(DIGITAL)):
            raise InvalidInput(f"{', '.join(wrong)}: only {', '.join(DIGITAL)} rest on certificates", "issuers")

    def __call__(self, given: Presented, at: int) -> str:
        """``valid``, ``incomplete``, ``malformed``, ``untrusted``, ``expired``, ``revoked`` or ``bad-signature``, at *at* (µs UTC)."""
        if not (given.document_hash and given.certificate and given.signature):
            return "incomplete"
        x509 = _x509()
        try:
            certificate = x509.load_pem_x509_certificate(given.certificate.encode())
            digest = bytes.fromhex(given.document_hash)
            signature = b64decode(given.signature, validate=True)
        except (Base64Error, ValueError):
            return "malformed"
        if len(given.document_hash) != _SHA256_HEX:
            return "malformed"
        moment = _EPOCH + timedelta(microseconds=at)
        if not self._is_issued(certificate, given.level, moment, x509):
            return "untrusted"
        if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
            return "expired"
        if (revoked := self.revoked.get(_fingerprint(given.certificate))) is not None and revoked <= at:
            return "revoked"
        return VALID if _is_signed(certificate.public_key(), signature, digest) else "bad-signature"

    def _is_issued(self, certificate: Any, level: str, moment: datetime, x509: Any) -> bool:
        for pem in self.issuers.get(level, ()):
            issuer = x509.load_pem_x509_certificate(pem.encode())
            if issuer == certificate:
                return True
            if not issuer.not_valid_before_utc <= moment <= issuer.not_valid_after_utc:
                continue
            try:
                certificate.verify_directly_issued_by(issuer)
            except Exception:  # noqa: BLE001, S112 - of another issuer, by another algorithm, or not its signature: not this one
                continue
            if _may_issue(issuer, x509):
                return True
        return False


def _may_issue(issuer: Any, x509: Any) -> bool:
    """Whether *issuer* says that it is one (RFC 5280, 4.2.1.9)."""
    try:
        return bool(issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False


def _x509() -> Any:
    try:
        from cryptography import x509
    except ModuleNotFoundError as error:
        raise InvalidInput("verifying signatures needs cryptography: pip install 'qms[sign]'") from error
    return x509


def _is_signed(key: Any, signature: bytes, digest: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

    prehashed = utils.Prehashed(hashes.SHA256())
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
    tries: list[Callable[[], None]] = []
    if isinstance(key, rsa.RSAPublicKey):
        tries = [partial(key.verify, signature, digest, way, prehashed) for way in (padding.PKCS1v15(), pss)]
    elif isinstance(key, ec.EllipticCurvePublicKey):
        tries = [partial(key.verify, signature, digest, ec.ECDSA(prehashed))]
    elif isinstance(key, ed25519.Ed25519PublicKey):
        tries = [partial(key.verify, signature, digest)]
    for verify in tries:
        try:
            verify()
        except InvalidSignature:
            continue
        return True
    return False
