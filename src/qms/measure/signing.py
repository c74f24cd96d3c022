"""How much is signed digitally, counted so that the figure means something.

Rule 1: the denominator is all that was signed; what had no evidence of its signature asked for is not in it.
Rule 2: a digital signature counts when it was verified as valid at the act. What was claimed and did not hold, or was never
verified, is told beside the share, by why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal

from attrs import frozen

from ..signatures import DIGITAL, Signed
from .indicators import percent

__all__ = ["Signing", "signing"]


@frozen
class Signing:
    """How many were signed, at which level, and how many of them by a digital signature that was verified."""

    signed: int
    verified: int
    levels: Mapping[str, int]
    failed: Mapping[str, int]
    """Digital signatures that do not count, by why: ``unverified``, ``expired``, ``revoked``..."""

    @property
    def rate(self) -> Decimal | None:
        """Percent signed digitally and verified; None where nothing was signed."""
        return percent(self.verified, self.signed)


def signing(evidence: Iterable[Signed | None]) -> Signing:
    """The figures of *evidence*, one of each act; None for acts that no evidence was asked of.

    >>> found = signing([Signed("wet"), Signed("digital-official", validity="valid"), Signed("digital-official", validity="revoked")])
    >>> print(found.verified, "of", found.signed, found.rate, found.failed)
    1 of 3 33.33 {'revoked': 1}
    """
    known = [one for one in evidence if one is not None]
    levels = Counter(one.level for one in known)
    failed = Counter(one.validity or "unverified" for one in known if one.level in DIGITAL and not one.counts)
    return Signing(len(known), sum(one.counts for one in known), dict(sorted(levels.items())), dict(sorted(failed.items())))
