"""What the literature says must come out, by subject; each number is played from a scenario by both drivers."""

from tests.published.claims import alternating, conflict, home, opponents, points, several, tactics
from tests.published.claims.claim import Claim, Limit

CLAIMS: tuple[Claim, ...] = tuple(
    sorted(
        (
            *alternating.CLAIMS,
            *conflict.CLAIMS,
            *home.CLAIMS,
            *opponents.CLAIMS,
            *points.CLAIMS,
            *several.CLAIMS,
            *tactics.CLAIMS,
        ),
        key=lambda claim: (int(claim.of.strip("Tabcd")), claim.of),
    )
)
LIMITS: tuple[Limit, ...] = tuple(
    sorted((*alternating.LIMITS, *several.LIMITS), key=lambda limit: (int(limit.of.strip("Tabcd")), limit.of))
)
