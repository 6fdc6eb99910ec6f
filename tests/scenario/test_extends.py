"""One scenario extends another: what merges, what is replaced, what is refused, and where."""

import random
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from sim.scenario import Fault, Scenario, ScenarioError, load
from sim.scenario.editor import file_schema
from sim.scenario.explain import has_numbers
from sim.scenario.extends import read_scenario
from sim.scenario.schema import model_hash, text_hash
from tests.promises.test_bad_input import faults_of, mutate
from tests.scenario.examples import FULL, SMALL, written

HEAD = "id: varied\ntitle: Varied\nsummary: Another harbour.\n"


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder with both examples and a folder below it."""
    home = tmp_path / "scenarios"
    (home / "below").mkdir(parents=True)
    written(home, SMALL)
    written(home, FULL, "harbour-full")
    return home


def varied(shelf: Path, text: str, base: str = "harbour-full.yaml") -> Scenario:
    """Load a scenario that extends a base by `text`."""
    return load(written(shelf, f"{HEAD}extends: {base}\n{text}", "varied"))


def refused(path: Path) -> tuple[Fault, ...]:
    """The faults for which a file is refused."""
    with pytest.raises(ScenarioError) as caught:
        load(path)
    return caught.value.faults


def test_a_variation_that_changes_nothing_means_the_same(shelf: Path) -> None:
    """A scenario that only extends another has all its numbers, and its own id, title and summary."""
    base, variation = load(shelf / "harbour-full.yaml"), varied(shelf, "")
    assert (variation.id, variation.title, variation.summary) == ("varied", "Varied", "Another harbour.")
    assert model_hash(variation.model_copy(update={"id": base.id})) == model_hash(base)


def test_mappings_and_lists_with_ids_merge(shelf: Path) -> None:
    """Keys and ids that are not written keep what the base says; new ids come after the old ones."""
    text = "time: {window: 38}\nparties: [{id: host, accuracy: 0.5}]\nthird_parties: [{id: union}]\n"
    text += "status_quo: {flows: {host: 0}}\n"
    base, variation = load(shelf / "harbour-full.yaml"), varied(shelf, text)
    assert variation.time == base.time.model_copy(update={"window": 38})
    assert variation.parties[0].accuracy.args == (0.5,)
    assert variation.parties[0].audience == base.parties[0].audience
    assert variation.parties[1] == base.parties[1]
    assert [each.id for each in variation.third_parties] == ["league", "union"]
    assert variation.status_quo.flows["host"].args[0] == 0
    assert variation.status_quo.flows["guest"] == base.status_quo.flows["guest"]


def test_a_number_is_replaced_whole(shelf: Path) -> None:
    """Of an old distribution, its source and its private spread nothing is kept; maps of numbers merge."""
    variation = varied(shelf, "parties: [{id: host, discount_rate: {uniform: [0.1, 0.2]}}]\n")
    rate = variation.parties[0].discount_rate
    assert rate is not None
    assert (rate.kind, rate.args, rate.source, rate.judgement) == ("uniform", (0.1, 0.2), None, None)
    assert not has_numbers(Scenario, ("issues", 0, "values", "host"))
    assert has_numbers(Scenario, ("issues", 0, "values", "host", "normal"))
    assert not has_numbers(Scenario, ("status_quo", "flows"))
    assert has_numbers(Scenario, ("status_quo", "flows", "host"))
    faults = refused(
        written(shelf, f"{HEAD}extends: harbour-full.yaml\nparties: [{{id: host, accuracy: {{note: x}}}}]", "varied")
    )
    assert [(fault.line, "has no number" in fault.sentence) for fault in faults] == [(5, True)]


def test_another_strategy_is_replaced_whole(shelf: Path) -> None:
    """A mapping of another strategy or shape keeps nothing of the base's; of the same one it merges."""
    other = varied(shelf, "parties: [{id: host, offers: {strategy: bayesian}}]\n").parties[0].offers
    assert other.model_dump() == {"strategy": "bayesian"}
    same = varied(shelf, "parties: [{id: host, offers: {strategy: time_dependent, until: 12}}]\n").parties[0].offers
    assert same.model_dump()["until"] == 12
    assert same.model_dump()["clock"] == "stacked"


def test_an_id_may_be_called_kind(shelf: Path) -> None:
    """An issue or a party whose id is `kind` or `strategy` is no other kind of mapping: its terms merge."""
    text = SMALL.replace("id: berth", "id: kind").replace("{berth: some, rent: 0}", "{kind: some, rent: 25}")
    written(shelf, text)
    assert varied(shelf, "status_quo: {terms: {kind: all}}\n", "harbour.yaml").status_quo.terms == {
        "kind": "all",
        "rent": 25.0,
    }


def test_a_base_s_own_faults_are_not_hidden(shelf: Path) -> None:
    """An id that stands twice in the base is a fault there, also where the list is named in full."""
    written(shelf, SMALL.replace("{id: none}, {id: some}, {id: all}", "{id: none}, {id: some}, {id: all}, {id: all}"))
    text = f"{HEAD}extends: harbour.yaml\nissues: [{{id: berth, levels: [{{id: none}}, {{id: some}}, {{id: all}}]}}]\n"
    faults = refused(written(shelf, text, "varied"))
    assert [Path(fault.file).name for fault in faults if "a second time" in fault.sentence] == ["harbour.yaml"]


def test_items_and_keys_are_taken_out(shelf: Path) -> None:
    """`remove: true` beside an id takes the item out, `{remove: true}` as a value the key."""
    text = "effects: [{id: burden, remove: true}]\nlook_ahead_points: {remove: true}\n"
    text += "expiry: {terms: {berth: {remove: true}, rent: 25}}\n"
    base, variation = load(shelf / "harbour-full.yaml"), varied(shelf, text)
    assert [each.id for each in variation.effects] == [each.id for each in base.effects if each.id != "burden"]
    assert variation.look_ahead_points is None
    assert variation.expiry is not None
    assert variation.expiry.terms == {"rent": 25.0}


def test_other_lists_are_replaced(shelf: Path) -> None:
    """A list of items without ids stands as it is written."""
    variation = varied(shelf, "constraints: [{exclude: {berth: all}}]\nlumps: []\n")
    assert len(variation.constraints) == 1
    assert variation.lumps == ()


def test_a_list_that_names_every_id_sets_the_order(shelf: Path) -> None:
    """New items are appended, unless the list names all the old ones: then it says the order too."""
    new = "{id: kept, when: {status: talks}}"
    ordered = varied(shelf, f"outcomes: [{{id: all_signed}}, {{id: evicted}}, {new}, {{id: reduced}}, {{id: other}}]\n")
    assert [each.id for each in ordered.outcomes] == ["all_signed", "evicted", "kept", "reduced", "other"]
    faults = refused(written(shelf, f"{HEAD}extends: harbour-full.yaml\noutcomes: [{new}]\n", "varied"))
    assert any("other takes every draw" in fault.sentence for fault in faults)


def test_a_flattened_twin_hashes_alike(shelf: Path) -> None:
    """A file and the same scenario written out whole have the same two hashes."""
    text = "time: {window: 38}\nparties: [{id: guest, accuracy: {beta: [2, 2], source: talk}}]\n"
    text += "moves: [{id: storm, chance: 0.5}]\n"
    variation = varied(shelf, text)
    tree = read_scenario(shelf / "varied.yaml", Scenario).tree
    (shelf / "flat").mkdir()
    twin = load(written(shelf / "flat", yaml.safe_dump(tree, sort_keys=False, allow_unicode=True), "varied"))
    assert (model_hash(twin), text_hash(twin)) == (model_hash(variation), text_hash(variation))
    assert model_hash(variation) != model_hash(load(shelf / "harbour-full.yaml").model_copy(update={"id": "varied"}))


def test_faults_stand_where_the_value_was_written(shelf: Path) -> None:
    """A value of the base is faulted in the base, one of the extending file there, each with line and column."""
    base = SMALL.replace("discount_rate: 0.1,", "discount_rate: -1,")
    written(shelf, base)
    path = written(shelf, f"{HEAD}extends: harbour.yaml\ntime: {{window: 0}}\n", "varied")
    places = {(Path(fault.file).name, fault.line, fault.column) for fault in refused(path)}
    line = next(i for i, text in enumerate(base.split("\n"), 1) if "discount_rate: -1" in text)
    assert places == {("harbour.yaml", line, base.split("\n")[line - 1].index("-1") + 1), ("varied.yaml", 5, 16)}


def test_id_title_and_summary_are_its_own(shelf: Path) -> None:
    """What names a scenario is never taken from its base."""
    faults = refused(written(shelf, "extends: harbour.yaml\n", "varied"))
    assert {fault.sentence.split("`")[1] for fault in faults} == {"id", "title", "summary"}


def test_overrides_reach_what_was_merged(shelf: Path) -> None:
    """`--set` changes a number that only the base writes."""
    varied(shelf, "")
    changed = load(shelf / "varied.yaml", ["parties.host.accuracy=0.25"])
    assert changed.parties[0].accuracy.args == (0.25,)


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("/etc/hosts.yaml", "a path relative to this file"),
        ("~/x.yaml", "a path relative to this file"),
        ("C:\\x.yaml", "a path relative to this file"),
        ("../outside.yaml", "lies outside the folder `scenarios`"),
        ("../../scenarios/../outside.yaml", "lies outside"),
        ("link.yaml", "lies outside"),
        ("harbor.yaml", "did you mean `harbour.yaml`?"),
        ("below", "ends in .yaml"),
        ("below.yaml", "is no file"),
        ("varied.yaml", "in a circle"),
        ("[harbour.yaml]", "extends is a list"),
        ("{a: 1}", "extends is a mapping"),
        ("''", "extends is an empty text"),
        ("", "extends is empty"),
        ("3", "extends is 3"),
    ],
)
def test_a_base_lies_beside_or_below(shelf: Path, base: str, said: str) -> None:
    """Anything but a scenario in reach is refused, at the value of `extends`, with one sentence."""
    written(shelf.parent, SMALL, "outside")
    (shelf / "link.yaml").symlink_to(shelf.parent / "outside.yaml")
    (shelf / "below.yaml").mkdir()
    faults = refused(written(shelf, f"{HEAD}extends: {base}\n", "varied"))
    assert len(faults) == 1
    assert said in faults[0].sentence
    assert faults[0].line == 4


def test_a_base_above_is_read_within_the_shelf_alone(shelf: Path) -> None:
    """A file below `scenarios` may extend one above it there; elsewhere a base above is out of reach."""
    head = HEAD + "extends: ../harbour.yaml\n"
    assert load(written(shelf / "below", head, "varied")).id == "varied"
    shelf.rename(shelf.with_name("drafts"))
    assert "lies outside" in refused(shelf.with_name("drafts") / "below" / "varied.yaml")[0].sentence


def chain(shelf: Path, length: int) -> Path:
    """Write a chain of scenarios, each extending the one before."""
    base = "harbour"
    for i in range(length):
        name = f"link{i}"
        written(shelf, f"id: {name}\ntitle: T\nsummary: S\nextends: {base}.yaml\ncurve_points: {i + 2}\n", name)
        base = name
    return shelf / f"{base}.yaml"


def test_a_chain_ends(shelf: Path) -> None:
    """Eight bases in a row are read, the last word winning; nine, and a circle of several, are refused."""
    assert load(chain(shelf, 8)).curve_points == 9
    assert "more than 8" in refused(chain(shelf, 9))[0].sentence
    written(shelf, "id: link0\ntitle: T\nsummary: S\nextends: link1.yaml\n", "link0")
    faults = refused(shelf / "link2.yaml")
    assert "circle" in faults[0].sentence
    assert Path(faults[0].file).name == "link0.yaml"


def test_every_file_is_guarded(shelf: Path) -> None:
    """A base with an anchor, too much nesting, or too many bytes is refused at its own place."""
    path = written(shelf, f"{HEAD}extends: harbour.yaml\n", "varied")
    for text, said in ((SMALL + "x: &a 1\n", "anchor"), ("[" * 40, "nested deeper"), ("#" * (1 << 21), "larger than")):
        written(shelf, text)
        faults = refused(path)
        assert Path(faults[0].file).name == "harbour.yaml"
        assert said in faults[0].sentence


@pytest.mark.parametrize(
    ("text", "said", "column"),
    [
        ("moves: [{id: grat, remove: true}]", "`grat` is not in what this extends; did you mean `grant`?", 14),
        ("moves: [{id: grant, remove: false}]", "remove is false; write true", 29),
        ("moves: [{id: grant, remove: true, rate: 1}]", "nothing but its id beside it; delete `rate`", 35),
        ("expiry: {term: {remove: true}}", "`term` is not in what this extends; did you mean `terms`?", 10),
        ("moves: [{id: grant}, {id: grant}]", "the id `grant` is taken by item 1", 27),
        ("moves: [{id: new, by: league, rate: {remove: true}}]", "no part of an uncertain number", 38),
    ],
)
def test_what_cannot_be_merged_is_said(shelf: Path, text: str, said: str, column: int) -> None:
    """Removing what is not there, or removing and changing at once, is a fault with its place."""
    faults = refused(written(shelf, f"{HEAD}extends: harbour-full.yaml\n{text}\n", "varied"))
    found = [(fault.line, fault.column) for fault in faults if said in fault.sentence]
    assert found == [(5, column)]


def test_without_a_base_nothing_is_removed(tmp_path: Path) -> None:
    """`remove` means nothing in a scenario that stands alone, and a slip in `extends` is found."""
    faults = refused(written(tmp_path, SMALL.replace("{id: none}", "{id: none, remove: true}")))
    assert any("`remove` is no key" in fault.sentence for fault in faults)
    faults = refused(written(tmp_path, SMALL + "extend: other.yaml\n"))
    assert ["did you mean `extends`?" in fault.sentence for fault in faults] == [True]


@pytest.mark.parametrize("version", [2, 7, 10**12])
def test_a_newer_format_is_refused_alone(shelf: Path, version: int) -> None:
    """A file in a format to come gets one sentence: what it is, what is read, what to do; in a base too."""
    text = SMALL.replace("format_version: 1", f"format_version: {version}") + "unheard_of: 1\n"
    for path in (written(shelf, text), written(shelf, f"{HEAD}extends: harbour.yaml\n", "varied")):
        faults = refused(path)
        assert len(faults) == 1
        assert (Path(faults[0].file).name, faults[0].line, faults[0].column) == ("harbour.yaml", 1, 17)
        for words in (
            f"is {version}",
            "newer than this program",
            "reads format 1",
            "pip install --upgrade",
            "docs/scenario.md",
        ):
            assert words in faults[0].sentence


@pytest.mark.parametrize("version", ["0", "-1", "1.0", "one", "true", "[1]"])
def test_another_version_is_a_fault_among_others(tmp_path: Path, version: str) -> None:
    """What is no newer format is refused with the number to write, beside the file's other faults."""
    faults = refused(
        written(tmp_path, SMALL.replace("format_version: 1", f"format_version: {version}") + "surplus: 1\n")
    )
    assert sum("write 1, the format that this program reads" in fault.sentence for fault in faults) == 1
    assert len(faults) == 2


def parts(node: Any) -> list[str]:
    """Every name that a schema refers to."""
    if isinstance(node, list):
        return [name for each in node for name in parts(each)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"].removeprefix("#/$defs/")] if "$ref" in node else []
    return own + [name for each in node.values() for name in parts(each)]


def test_the_file_schema_knows_both_kinds_of_file() -> None:
    """Every reference stands; a variation needs its own three keys and the base; both know all other keys."""
    schema = file_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(parts(schema)) <= set(schema["$defs"])
    whole, varied = schema["$defs"]["Scenario"], schema["$defs"]["PartScenario"]
    assert set(varied["properties"]) == {*whole["properties"], "extends"}
    assert varied["required"] == ["extends", "id", "title", "summary"]
    assert schema["$defs"]["PartMove"]["required"] == ["id"]
    assert schema["$defs"]["PartMove"]["properties"]["remove"]["const"] is True
    assert "remove" not in schema["$defs"]["Move"]["properties"]


def test_scenarios_satisfy_the_file_schema(shelf: Path) -> None:
    """The shipped scenarios, the examples and a variation are valid under the schema; slips of the pen are not."""
    jsonschema = pytest.importorskip("jsonschema", reason="needs the library jsonschema")
    check = jsonschema.Draft202012Validator(file_schema())
    root = Path(__file__).resolve().parent.parent.parent / "scenarios"
    text = "parties: [{id: host, offers: {exponent: 2}}]\n"
    text += "moves: [{id: grant, rate: {remove: true}}, {id: storm, remove: true}]\n"
    trees = [read_yaml(path) for path in (*root.rglob("*.yaml"), *shelf.glob("*.yaml"))]
    trees.append(read_yaml(written(shelf, f"{HEAD}extends: harbour-full.yaml\n{text}", "varied")))
    assert [list(check.iter_errors(tree)) for tree in trees] == [[]] * len(trees)
    assert list(check.iter_errors({**trees[-1], "titel": "x"}))
    assert list(check.iter_errors({key: value for key, value in trees[0].items() if key != "parties"}))


def read_yaml(path: Path) -> Any:
    """One file as it is written, its base left aside."""
    from sim.scenario.read import read_file

    return read_file(path).tree


def test_the_documented_examples_load(tmp_path: Path) -> None:
    """The whole example of docs/scenario.md, and the one that extends it, load, and mean what the page says."""
    page = (Path(__file__).resolve().parent.parent.parent / "docs" / "scenario.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    whole, variation = (block for block in blocks if block.startswith(("format_version", "extends")))
    base = load(written(tmp_path, whole, "well"))
    found = load(written(tmp_path, variation, "dry-well"))
    assert [each.id for each in found.moves] == ["rain"]
    assert {"piped"} == {each.id for each in base.effects} - {each.id for each in found.effects}
    assert found.breakdown is not None
    assert found.breakdown.rate is None
    assert found.variables[0].start.args == (0.5,)
    assert found.variables[0].mean == base.variables[0].mean


def test_damaged_variations_are_read_or_refused(shelf: Path) -> None:
    """However a base or what extends it is damaged, it is read or refused with places, never with a traceback."""
    rng = random.Random(5)  # noqa: S311
    text = f"{HEAD}extends: harbour.yaml\nparties: [{{id: host, accuracy: 0.5}}, {{id: guest, offers: equilibrium}}]\n"
    text += "issues: [{id: berth, levels: [{id: all, remove: true}]}, {id: rent, values: {host: {best: low}}}]\n"
    refusals = 0
    for _ in range(300):
        damaged = rng.choice([True, False])
        (shelf / "harbour.yaml").write_bytes(SMALL.encode() if damaged else mutate(SMALL, rng))
        (shelf / "varied.yaml").write_bytes(mutate(text, rng) if damaged else text.encode())
        faults = faults_of(shelf / "varied.yaml")
        refusals += faults is not None
        assert all(fault.line >= 1 and fault.column >= 1 and fault.sentence for fault in faults or ())
    assert refusals > 100
