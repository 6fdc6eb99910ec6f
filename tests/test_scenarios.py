"""The shipped scenarios keep what they say of themselves: sources, cutoffs, classes that come about, shared names."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from sim import load, montecarlo
from sim.scenario import Scenario
from sim.scenario.compile import compile_scenario
from sim.scenario.schema import leaves, unsourced

FOLDER = Path(__file__).parents[1] / "scenarios"
SHIPPED = sorted(path.stem for path in FOLDER.glob("*.yaml"))
FLAGSHIPS = ("khmeimim-tartus-2024", "khmeimim-tartus-2026")
PAGE = Path(__file__).parents[1] / "docs" / "bargains.md"

# Classes that 2,000 draws may miss, or reach once in a hundred at most; docs/bargains.md says so of each.
RARE = {
    "khmeimim-tartus-2024": {"in_use_reduced", "in_use_no_text"},
    "khmeimim-tartus-2026": {"in_use_reduced", "in_use_no_text"},
    "manas-2009": {"kept_at_old_rent", "overflight_only", "no_note"},
    "writers-strike-2023": {"called_off", "imposed"},
}

# What the file of 2026 must call otherwise than that of 2024, because it is another thing: moves that have happened
# since, or that could not happen before; and the questions, which have other dates.
ONLY_2024 = {"eu_relief", "us_relief", "condition_delays_eu"}
ONLY_2026 = {"us_delists_state", "relief_taken_back", "violence_brings_sanctions", "condition_brings_sanctions"}


@lru_cache(maxsize=8)
def scenario(name: str) -> Scenario:
    """Return a shipped scenario."""
    return load(FOLDER / f"{name}.yaml")


@lru_cache(maxsize=8)
def shares(name: str) -> dict[str, float]:
    """Return each outcome class's share of 2,000 draws at the last step."""
    game = compile_scenario(scenario(name))
    last = montecarlo.simulate(game, 2000, workers=1).columns["outcome"]
    return {each.id: float((last == at).mean()) for at, each in enumerate(scenario(name).outcomes)}


def ids(name: str, kind: str) -> list[str]:
    """Return the ids of one list of a scenario, in the file's order."""
    return [each.id for each in getattr(scenario(name), kind)]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_number_says_where_it_comes_from(name: str) -> None:
    """A shipped scenario loads without a fault, and each of its numbers has a source or a judgement."""
    assert unsourced(scenario(name)) == []


@pytest.mark.parametrize("name", SHIPPED)
def test_no_assumption_knows_the_future(name: str) -> None:
    """Every source that a number cites stands in the file's list, with a date no later than the information cutoff."""
    told = scenario(name)
    assert told.information_cutoff is not None
    cited = {leaf.source for _, leaf in leaves(told) if leaf.source}
    assert cited, "no number cites a source"
    assert cited <= set(told.sources)
    dates = {key: told.sources[key].date for key in cited}
    assert {key for key, date in dates.items() if date is None or date > told.information_cutoff} == set()


@pytest.mark.parametrize("name", SHIPPED)
def test_every_source_is_used(name: str) -> None:
    """A shipped scenario lists no source that nothing in it cites."""
    told = scenario(name)
    seen = told.observed
    cited = {leaf.source for _, leaf in leaves(told)} | {question.source for question in told.questions}
    if seen is not None:
        cited |= {outcome.source for outcome in seen.outcomes} | {event.source for event in seen.events}
    assert set(told.sources) - cited == set()


@pytest.mark.parametrize("name", SHIPPED)
def test_what_was_seen_comes_later_and_has_a_source(name: str) -> None:
    """Answers to questions and observed events carry a source, and nothing is answered where nothing was observed."""
    told = scenario(name)
    answered = [question for question in told.questions if question.observed is not None]
    if told.observed is None:
        assert answered == []
        return
    assert all(question.source for question in answered)
    assert all(outcome.source for outcome in told.observed.outcomes)
    assert all(event.source for event in told.observed.events)
    assert told.time.start is not None
    assert all(told.time.start <= each.date <= told.observed.until for each in told.observed.events)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_outcome_class_comes_about(name: str) -> None:
    """In 2,000 draws every outcome class is reached, but for those known to be rare."""
    reached = {outcome for outcome, share in shares(name).items() if share > 0}
    assert set(ids(name, "outcomes")) - reached <= RARE[name]


@pytest.mark.parametrize("name", SHIPPED)
def test_rare_classes_are_rare_and_are_named_on_the_page(name: str) -> None:
    """What is listed as rare is a class of the file, below 1 in 100, and the page on the bargains names it."""
    page = PAGE.read_text(encoding="utf-8")
    for outcome in RARE[name]:
        assert shares(name)[outcome] < 0.01
        assert f"`{outcome}`" in page


@pytest.mark.parametrize(
    "kind", ["parties", "third_parties", "issues", "exits", "variables", "communities", "outcomes"]
)
def test_the_two_flagships_share_names(kind: str) -> None:
    """What is the same in both files on the bases has the same id in both."""
    assert ids(FLAGSHIPS[0], kind) == ids(FLAGSHIPS[1], kind)


def test_the_two_flagships_share_levels_and_patrons() -> None:
    """The levels of every issue and the patrons of the reliance have the same ids in both files."""
    levels = [{issue.id: [level.id for level in issue.levels or ()] for issue in scenario(n).issues} for n in FLAGSHIPS]
    patrons = [[patron.id for each in scenario(n).reliance for patron in each.patrons] for n in FLAGSHIPS]
    assert levels[0] == levels[1]
    assert patrons[0] == patrons[1]


@pytest.mark.parametrize("kind", ["moves", "effects"])
def test_moves_and_effects_differ_only_where_the_world_has_changed(kind: str) -> None:
    """Moves and effects of the two files on the bases have the same ids, but for those that time has made or unmade."""
    before, after = (set(ids(name, kind)) for name in FLAGSHIPS)
    assert before - after <= ONLY_2024
    assert after - before <= ONLY_2026


@pytest.mark.parametrize("name", SHIPPED)
def test_the_page_tells_of_every_scenario(name: str) -> None:
    """The page on the bargains has every shipped scenario, and names each of its outcome classes."""
    page = PAGE.read_text(encoding="utf-8")
    assert f"scenarios/{name}.yaml" in page
