"""Play what docs/verification.md states again, and write it there: `python -m tests.published.verification`."""

from __future__ import annotations

import re

from tests.docs.pages import ROOT, read
from tests.published.claims import CLAIMS, LIMITS
from tests.published.claims.claim import Claim, Limit, Reading, Worked

NAME = "docs/verification.md"
LINES = re.compile(r"(?:^\| T.*\n)+", re.MULTILINE)  # of a table, below its head


def row(claim: Claim, number: Worked, found: Reading) -> str:
    """Return the line of a published number."""
    at = ", ".join(f"{name} = {value:.4g}" for name, value in number.values.items())
    gap = found.value - claim.theory(**number.values)
    published = f"{number.published:.6f}"
    if found.error > 0:
        engine, off = f"{found.value:.4f} ± {found.error:.4f}", f"{gap / found.error:+.1f} s.e."
    else:
        engine, off = f"{found.value:.6f}", f"{gap:+.4f}" if claim.within > 1e-3 else f"below {claim.within:.0e}"
    what = f"{claim.says}: `{claim.formula}` ({claim.source})" if number is claim.worked[0] else ""
    return f"| {claim.of} | {what} | {at} | {published} | {engine} | {off} |"


def line(limit: Limit, gaps: list[float]) -> str:
    """Return the line of a limit."""
    steps = ", ".join(f"{step:g}" for step in limit.steps)
    distance = ", ".join(f"{gap:.1e}" for gap in gaps)
    order = ", ".join(f"{order:.2f}" for order in limit.orders(gaps))
    what = f"{limit.says} ({limit.source})"
    return f"| {limit.of} | {what} | {limit.limit:.6f} | {limit.step}: {steps} | {distance} | {order} |"


def tables(text: str) -> list[list[str]]:
    """Return the lines of the page's tables: of numbers, of limits, and of what is not verified."""
    return [table.splitlines() for table in LINES.findall(text)]


def refreshed(text: str) -> str:
    """Return the page with everything in its first two tables played now."""
    rows = [row(claim, number, claim.engine(**number.values)) for claim in CLAIMS for number in claim.worked]
    lines = [line(limit, limit.gaps()) for limit in LIMITS]
    for old, new in zip(LINES.findall(text), (rows, lines), strict=False):
        text = text.replace(old, "".join(f"{each}\n" for each in new))
    return text


if __name__ == "__main__":
    (ROOT / NAME).write_text(refreshed(read(NAME)), encoding="utf-8")
