"""GENIUS domains: what is read is what the files say, what is hostile or unclear is refused, and the way back."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli import main
from sim.interop import genius
from sim.interop.domain import Domain, Issue, Profile
from sim.scenario import ScenarioError, load
from tests.interop.samples import COMPANY, ISLAND, ferry, profile_xml, published, utilities


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_utilities_are_the_published_formulas(desk: Path) -> None:
    """Every deal is worth sum w e / max e, whatever the order of issues, items and weights in the files."""
    assert main(["import", "genius", *ferry(desk), "-o", "ferry.yaml", "-q"]) == 0
    assert utilities("ferry.yaml", 0) == pytest.approx(published(ISLAND), abs=1e-12)
    assert utilities("ferry.yaml", 1) == pytest.approx(published(COMPANY), abs=1e-12)


def test_reservation_and_discount_have_their_fields(desk: Path) -> None:
    """The reservation is what the breakdown leaves; the discount factor over all rounds is spread over them."""
    files = ferry(desk, reservation=0.35, discount=0.81)
    assert main(["import", "genius", *files, "-o", "ferry.yaml", "--rounds", "9", "--exponents", "4", "0.5", "-q"]) == 0
    scenario = load("ferry.yaml")
    assert scenario.breakdown is not None
    assert scenario.breakdown.absolute
    assert [scenario.breakdown.flows[side].args[0] for side in "ab"] == [0.35, 0.0]
    factors = [party.discount_factor.args[0] for party in scenario.parties if party.discount_factor]
    assert factors == pytest.approx([0.81**0.1, 1.0], abs=1e-15)
    assert (scenario.time.window, scenario.time.deadline) == (9, 9)
    assert [party.offers.exponent.args[0] for party in scenario.parties] == [4.0, 0.5]  # type: ignore[union-attr]
    assert [party.label for party in scenario.parties] == ["island", "company"]


def test_an_imported_scenario_is_checked_played_and_told(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is imported passes check, runs, and can be traced; a second import does not overwrite it without --force."""
    files = ferry(desk)
    assert main(["import", "genius", *files, "-o", "ferry.yaml"]) == 0
    assert capsys.readouterr().out == "ferry.yaml\n"
    for words in (["check"], ["trace"], ["run", "-n", "64", "--workers", "1", "--no-report"]):
        assert main([words[0], "ferry.yaml", *words[1:], "-q"]) == 0
    before = Path("ferry.yaml").read_bytes()
    assert main(["import", "genius", *files, "-o", "ferry.yaml", "--rounds", "7"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert Path("ferry.yaml").read_bytes() == before
    assert main(["import", "genius", *files, "-o", "ferry.yaml", "--rounds", "7", "--force", "-q"]) == 0
    assert load("ferry.yaml").time.deadline == 7


def test_the_way_there_and_back(desk: Path) -> None:
    """import(export(x)) has the same deals, utilities, reservations and discount factors as x, to 1e-12."""
    files = ferry(desk, reservation=0.2, discount=0.5)
    first = genius.read(Path(files[0]), (Path(files[1]), Path(files[2])))
    assert main(["import", "genius", *files, "-o", "ferry.yaml", "-q"]) == 0
    assert main(["export", "genius", "ferry.yaml", "-o", "out", "-q"]) == 0
    again = genius.read(Path("out/domain.xml"), (Path("out/profile-a.xml"), Path("out/profile-b.xml")))
    assert again.issues == first.issues
    for one, two in zip(first.profiles, again.profiles, strict=True):
        assert two.weights == pytest.approx(one.weights, abs=1e-12)
        assert two.worth == tuple(pytest.approx(values, abs=1e-12) for values in one.worth)
        assert (two.reservation, two.discount) == pytest.approx((one.reservation, one.discount), abs=1e-12)
    assert main(["export", "genius", "ferry.yaml", "-o", "out", "-q"]) == 2


def test_whole_numbers_have_a_line_and_real_ones_need_points(desk: Path) -> None:
    """An integer issue is worth offset + slope (x - lowest), cut at 0 and 1; a real one parameter0 + parameter1 x."""
    whole = '<issue index="1" name="Price" type="integer" lowerbound="2" upperbound="6"'
    real = '<issue index="1" name="Price" type="real"><range lowerbound="1" upperbound="3"/>'
    rising = '<evaluator ftype="linear" slope="0.3" offset="0.1"/></issue><weight index="1" value="1"/>'
    falling = '<evaluator ftype="linear" parameter0="1.5" parameter1="-0.5"/></issue><weight index="1" value="3"/>'
    for name, text in (
        ("domain", f"<objective>{whole}/></objective>"),
        ("a", f"{whole}>{rising}"),
        ("real", f"{real}</issue>"),
        ("b", f"{real}{falling}"),
    ):
        (desk / f"{name}.xml").write_text(f"<utility_space>{text}</utility_space>", encoding="utf-8")
    one = genius.read(desk / "domain.xml", (desk / "a.xml", desk / "a.xml"))
    assert one.issues == (Issue("Price", ("2", "3", "4", "5", "6")),)
    assert one.profiles[0].worth[0] == pytest.approx((0.1, 0.4, 0.7, 1.0, 1.0), abs=1e-12)
    with pytest.raises(ScenarioError, match="real numbers, of which there is no end"):
        genius.read(desk / "real.xml", (desk / "b.xml", desk / "b.xml"))
    two = genius.read(desk / "real.xml", (desk / "b.xml", desk / "b.xml"), points=5)
    assert two.issues[0].values == ("1", "1.5", "2", "2.5", "3")
    assert two.profiles[0].worth[0] == pytest.approx((1.0, 0.75, 0.5, 0.25, 0.0), abs=1e-12)


HOSTILE = {
    "a billion laughs": (
        '<?xml version="1.0"?>\n<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>',
        ":2:",
        "may do harm",
    ),
    "an outer entity": (
        '<?xml version="1.0"?>\n\n<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><utility_space>&x;</utility_space>',
        ":3:",
        "may do harm",
    ),
    "an outer DTD": ('<!DOCTYPE l SYSTEM "http://127.0.0.1:9/x.dtd"><utility_space/>', ":1:", "may do harm"),
    "depth": ("<utility_space>\n" + "<a>" * 100_000, ":2:", "32 deep"),
    "size": ("<utility_space>" + " " * (3 << 20) + "</utility_space>", ":1:", "2048 KiB"),
    "half a file": ("<utility_space>\n<objective", ":2:", "no well-formed XML"),
    "no XML": ("hello", ":1:", "no well-formed XML"),
    "an unknown encoding": ('<?xml version="1.0" encoding="klingon"?><utility_space/>', ":1:", "encoding"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused(name: str, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each gets one sentence with its place and exit code 2, and nothing is written."""
    text, place, words = HOSTILE[name]
    files = ferry(desk)
    (desk / "bad.xml").write_text(text, encoding="utf-8")
    for arguments in (["bad.xml", *files[1:]], [files[0], "bad.xml", files[2]]):
        assert main(["import", "genius", *arguments, "-o", "x.yaml"]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert f"bad.xml{place}" in err
        assert words in err
        assert "Traceback" not in err
    assert not (desk / "x.yaml").exists()


UNCLEAR = {
    "a value without evaluation": (' evaluation="20"', "", "has no evaluation"),
    "a value left out": (
        '<item index="2" value="middle" cost="0" evaluation="20"/>\n',
        "",
        "`middle` of `Fare` has no evaluation",
    ),
    "a value of no issue": ('value="middle"', 'value="medium"', "no value `medium` of `Fare`"),
    "a value twice": ('value="middle"', 'value="high"', "stands there twice"),
    "a negative evaluation": ('evaluation="20"', 'evaluation="-20"', "must be at least 0"),
    "no number": ('evaluation="20"', 'evaluation="twenty"', "must be a number"),
    "an infinite one": ('evaluation="20"', 'evaluation="1e999"', "must be a finite number"),
    "an issue of another index": ('<issue index="1"', '<issue index="7"', "no issue with the index `7`"),
    "an issue of another name": (
        '<issue index="1" ',
        '<issue index="1" name="Fee" ',
        "is `Fee` here and `Fare` in the domain",
    ),
    "no weight": ('<weight index="1" value="5"/>', "", "has no weight"),
    "a weight twice": ('<weight index="1" value="5"/>', '<weight index="1" value="5"/>' * 2, "no index of its own"),
    "weights of nothing": ('value="5"/>', 'value="5"/><weight index="9" value="1"/>', "belongs to no issue"),
    "two reservations": (
        "</objective>",
        '</objective><reservation value="0.1"/><reservation value="0.2"/>',
        "stated twice",
    ),
    "a discount above 1": ("</objective>", '</objective><discount_factor value="1.5"/>', "must lie in [0, 1]"),
    "nested objectives": ("</objective>", "<objective/></objective>", "a second objective"),
    "no additive space": ("<utility_space>", '<utility_space type="nonlinear">', "only additive ones"),
}


@pytest.mark.parametrize("name", UNCLEAR)
def test_what_is_unclear_is_refused_and_not_guessed(name: str, desk: Path) -> None:
    """A profile that leaves something open is refused with a sentence that says what."""
    old, new, words = UNCLEAR[name]
    files = [Path(file) for file in ferry(desk)]
    text = profile_xml(ISLAND)
    assert old in text
    files[1].write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ScenarioError) as found:
        genius.read(files[0], (files[1], files[2]))
    assert len(found.value.faults) == 1
    assert words in str(found.value)
    assert found.value.faults[0].file.endswith("island.xml")


def test_too_many_deals_are_refused_and_the_most_are_taken(desk: Path) -> None:
    """50,000 deals are read; one value more is refused with their number."""

    def wide(size: int) -> list[Path]:
        items = "".join(f'<item value="v{n}" evaluation="{n}"/>' for n in range(size))
        more = "".join(f'<item value="w{n}" evaluation="{n}"/>' for n in range(250))
        issues = f'<issue index="1" name="One">{items}</issue><issue index="2" name="Two">{more}</issue>'
        weights = '<weight index="1" value="1"/><weight index="2" value="1"/>'
        path = desk / "wide.xml"
        path.write_text(f"<utility_space><objective>{issues}{weights}</objective></utility_space>", encoding="utf-8")
        return [path] * 3

    one, two, three = wide(200)
    assert len(genius.read(one, (two, three)).issues[0].values) == 200
    one, two, three = wide(201)
    with pytest.raises(ScenarioError, match="50,250 deals; at most 50,000"):
        genius.read(one, (two, three))


def test_what_genius_cannot_say_is_not_exported(capsys: pytest.CaptureFixture[str]) -> None:
    """An issue whose best value is worth less than 1 would be scaled up by GENIUS: refused, and a way out named."""
    worth = ((0.2, 0.7),)
    one = Profile("one", (1.0,), worth, 0.0, 1.0)
    domain = Domain("d", (Issue("Price", ("low", "high")),), (one, one))
    with pytest.raises(ScenarioError, match="export it as geniusweb or negmas"):
        genius.write(domain)
    assert main(["export", "genius", "rubinstein", "-o", "out"]) == 2
    said = capsys.readouterr().err
    assert "rubinstein.yaml:1:1: the scenario has continuous issues" in said
    assert not Path("out").exists()


def test_names_survive(desk: Path) -> None:
    """Quotes, ampersands and letters from anywhere are the same after export and import."""
    issue = Issue('Größe & "Rest" <x>', ("19'' LCD", "ja", "no", "1:30", "日本"))
    profile = Profile("Müller & Co", (1.0,), ((0.0, 0.25, 0.5, 0.75, 1.0),), 0.0, 1.0)
    for name, text in genius.write(Domain("A 'domain'", (issue,), (profile, profile))).items():
        (desk / name).write_text(text, encoding="utf-8")
    files = ["domain.xml", "profile-a.xml", "profile-b.xml"]
    assert main(["import", "genius", *files, "-o", "names.yaml", "-q"]) == 0
    scenario = load("names.yaml")
    assert scenario.issues[0].label == issue.name
    assert scenario.issues[0].levels is not None
    assert [level.label for level in scenario.issues[0].levels if level.negotiable] == list(issue.values)


def test_what_cannot_be_played_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scenario is checked before it is written; a name that YAML would read as a number is quoted."""
    files = [str(file) for file in ferry(tmp_path)]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sim.interop.scenario.text_of", lambda *_: "id: what\n")
    assert main(["import", "genius", *files, "-o", "what.yaml", "-q"]) == 2
    assert not Path("what.yaml").exists()
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert main(["import", "genius", *files, "-o", "7.yaml", "-q"]) == 0
    assert main(["check", "7.yaml", "-q"]) == 0
