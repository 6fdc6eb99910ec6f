"""What the literature says must come out, by subject; each number is played from a scenario by both drivers."""

from tests.published.claims import alternating, conflict
from tests.published.claims.claim import Claim, Limit

CLAIMS: tuple[Claim, ...] = (*alternating.CLAIMS, *conflict.CLAIMS)
LIMITS: tuple[Limit, ...] = (*alternating.LIMITS,)
