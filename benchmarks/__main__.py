"""`python -m benchmarks [PART ...]`: measure side by side, print tables, write one JSON file and one page.

Exit codes: 0 good; 1 with ``--against`` where something became slower; 2 bad input, or a library is missing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any

from benchmarks import against, docs, machine, page
from benchmarks.figures import Effort
from benchmarks.paths import FLAGSHIP, RESULTS, ROOT
from sim import __version__

PARTS = {
    "drivers": "Monte Carlo against Mesa",
    "rival": "Monte Carlo against NegMAS",
    "limit": "the rules against a fused compiled loop",
    "scaling": "draws/s and memory against the number of draws",
    "cost": "what strategies, issues, levels, variables and moves cost",
    "cold": "each command from nothing",
}
NEEDS = {"rival": "negmas", "limit": "numba"}
LATEST = RESULTS / "latest.json"
GOOD, SLOWER, BAD = 0, 1, 2


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Return what the command line asks for."""
    parts = "; ".join(f"{name}: {words}" for name, words in PARTS.items())
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=f"Measure, all parts or some. {parts}.")
    parser.add_argument("parts", nargs="*", metavar="PART", help="parts to measure (default: all)")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="a short version, a minute or two: does it run?")
    size.add_argument("--full", action="store_true", help="all sizes, up to ten million draws: an hour or more")
    parser.add_argument("--scenario", type=Path, default=FLAGSHIP, help="scenario of drivers (default: the flagship)")
    parser.add_argument(
        "--read", type=Path, metavar="JSON", help="begin with these figures; named parts replace theirs"
    )
    parser.add_argument("--out", type=Path, default=LATEST, help="where figures go; report.html lies beside them")
    parser.add_argument("--against", type=Path, metavar="JSON", help="say what became slower than this baseline")
    parser.add_argument("--baseline", type=Path, metavar="JSON", help="write the ratios here as a baseline")
    parser.add_argument("--write-docs", action="store_true", help="put the tables into the documents")
    asked = parser.parse_args(given)
    if unknown := [name for name in asked.parts if name not in PARTS]:
        parser.error(f"unknown part {unknown[0]}; there are {', '.join(PARTS)}")
    return asked


def main(given: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    asked = arguments(given)
    try:
        baseline = against.read(asked.against) if asked.against else None
        report = stored(asked.read) if asked.read else {"parts": {}}
        wanted = list(runnable(asked.parts or ([] if asked.read else list(PARTS)), named=bool(asked.parts)))
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return BAD
    if wanted:
        effort = Effort.QUICK if asked.quick else Effort.FULL if asked.full else Effort.NORMAL
        for name in wanted:  # what is measured is kept at once: a long run may be cut off
            report = measured(report, name, effort, asked.scenario)
            write(report, asked.out)
    print("\n\n".join(told(report)))
    write(report, asked.out)
    print(f"{asked.out}\n{asked.out.with_name('report.html')}", file=sys.stderr)
    if asked.write_docs:
        docs.write(report)
    if asked.baseline:
        asked.baseline.write_text(json.dumps(against.baseline_of(report), indent=1) + "\n", encoding="utf-8")
    if baseline is None:
        return GOOD
    print(f"\n{against.told(baseline, report)}")
    return SLOWER if any(change.slower for change in against.changes(baseline, report)) else GOOD


def stored(path: Path) -> dict[str, Any]:
    """Return the figures of an earlier run; ValueError with a sentence where the file holds none."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        report["machine"], report["ratios"], report["version"], report["effort"], report["parts"].items()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} holds no figures; those of a run lie in {LATEST.relative_to(ROOT)}") from error
    return dict(report)


def runnable(names: Iterable[str], *, named: bool) -> Iterable[str]:
    """Yield the parts whose libraries are there; ValueError where one that was asked for by name lacks its own."""
    for name in names:
        if name in NEEDS and find_spec(NEEDS[name]) is None:
            sentence = f"{name} needs {NEEDS[name]}: pip install -c constraints.txt -e '.[bench]'"
            if named:
                raise ValueError(sentence)
            print(f"left out: {sentence}", file=sys.stderr)
        else:
            yield name


def part(name: str) -> ModuleType:
    """Return the module of a part."""
    return import_module(f"benchmarks.{name}")


def measured(before: dict[str, Any], name: str, effort: Effort, scenario: Path) -> dict[str, Any]:
    """Return a report with one part measured now, and the others as they were ``before``."""
    facts = machine.facts()
    print(f"{name}: {PARTS[name]} ...", file=sys.stderr, flush=True)
    started = perf_counter()
    more = (scenario,) if name == "drivers" else ()
    result = part(name).measure(effort, *more)
    kept = {"effort": effort.value, "took_s": round(perf_counter() - started, 1), "load": facts["load"]}
    found = {**before["parts"], name: {**result, **kept}}
    ordered = {name: found[name] for name in PARTS if name in found}
    efforts = sorted({row["effort"] for row in ordered.values()})
    return {
        "version": __version__,
        "machine": facts,
        "effort": efforts[0] if len(efforts) == 1 else "mixed",
        "ratios": {
            name: {**figures, "more_is_better": more}
            for key, row in ordered.items()
            for name, (figures, more) in part(key).ratios(row).items()
        },
        "parts": ordered,
    }


def told(report: dict[str, Any]) -> list[str]:
    """Return the machine's facts and every part's table."""
    facts = "  ".join(f"{key}: {value}" for key, value in report["machine"].items())
    return [facts, *(part(name).told(row) for name, row in report["parts"].items())]


def write(report: dict[str, Any], out: Path) -> None:
    """Write the figures, and the page beside them."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    out.with_name("report.html").write_text(page.render(report), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
