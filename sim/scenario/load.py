"""From a file and its overrides to a Scenario, or to the list of everything that is wrong."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path as FilePath
from typing import Any

from sim.scenario.checks import check
from sim.scenario.explain import Finding, faults_of, validate
from sim.scenario.extends import read_scenario
from sim.scenario.faults import ScenarioError
from sim.scenario.overrides import override
from sim.scenario.read import Document, Path, read_text
from sim.scenario.schema import Scenario
from sim.scenario.sweeps import check_sweeps

MOST_FURTHER = 200


def load(path: str | FilePath, sets: Sequence[str] = ()) -> Scenario:
    """Read a scenario file and those it extends, apply overrides of the form `id.id.field=VALUE`, and check everything.

    Raises ScenarioError, which lists every fault with its place in the file or in the override.
    """
    document = read_scenario(path, Scenario)
    early = override(document, sets)
    scenario, findings = examine(document, FilePath(path).stem)
    if scenario is not None and not sets and not findings:
        findings = list(check_sweeps(scenario, document))
    faults = [*early, *faults_of(findings, document)]
    if faults:
        raise ScenarioError(faults)
    assert scenario is not None
    return scenario


def load_text(text: str, path: FilePath) -> Scenario:
    """Check the text of a scenario that will stand at a path and extends none; raises ScenarioError like `load`."""
    document = read_text(text, str(path))
    scenario, findings = examine(document, path.stem)
    if findings or scenario is None:
        raise ScenarioError(faults_of(findings, document))
    return scenario


def examine(document: Document, stem: str | None = None) -> tuple[Scenario | None, list[Finding]]:
    """Validate a document: the scenario where one can be built, and everything found wrong."""
    empty = _take_empty(document.tree)
    findings = [Finding(path, f"`{path[-1]}` has no value; write one or delete the line") for path in empty]
    outcome = validate(Scenario, document.tree)
    known = {each.path for each in findings}
    findings += [each for each in outcome.findings if not _covered(each, known)]
    if outcome.model is None:
        return None, findings
    places = {each.path for each in findings}
    further = (
        each
        for each in check(outcome.model, stem)
        if not any(_overlaps(place, places) for place in (each.path, *each.rests_on))
    )
    findings += islice(further, MOST_FURTHER)
    return outcome.model, findings


def _covered(finding: Finding, known: set[Path]) -> bool:
    """Say whether a key reported as missing was reported as having no value."""
    return any(path[:-1] == finding.path and f"`{path[-1]}` is missing" in finding.sentence for path in known)


def _overlaps(path: Path, places: set[Path]) -> bool:
    """Say whether a path lies at or below one that was already found wrong."""
    return any(path[:size] in places for size in range(1, len(path) + 1))


def _take_empty(node: Any, path: Path = ()) -> list[Path]:
    """Take keys without a value out of a tree, so that each is reported once and hides nothing else."""
    found: list[Path] = []
    if isinstance(node, dict):
        for key, value in list(node.items()):
            if value is None:
                found.append((*path, key))
                del node[key]
            else:
                found += _take_empty(value, (*path, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            found += _take_empty(value, (*path, i))
    return found
