"""`parley chart` writes a run's charts as files of their own."""

from __future__ import annotations

import json
import re
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from sim.charts import export
from sim.cli import main
from tests.scenario import examples

ROW = ["name", "title", "path"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run."""
    home = tmp_path_factory.mktemp("charts")
    arguments = ["run", "-q", str(examples.written(home)), "-n", "60", "--workers", "1", "--no-report"]
    assert main([*arguments, "--out", str(home / "results")]) == 0
    return next((home / "results").glob("*/run-*"))


@pytest.fixture
def run(made: Path) -> Path:
    """The run without charts."""
    shutil.rmtree(made / "charts", ignore_errors=True)
    return made


def names(run: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The charts that `--list` names."""
    assert main(["chart", str(run), "--list"]) == 0
    return [line.split()[0] for line in capsys.readouterr().out.splitlines()]


def test_the_list_writes_nothing(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--list` names each chart with its title and leaves the folder as it is."""
    assert "outcomes" in names(run, capsys)
    assert not (run / "charts").exists()


def test_without_a_name_all_are_written(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every chart becomes a file in the run's folder, whose path is printed; the run itself stays sound."""
    wanted = [str(run / "charts" / f"{name}.json") for name in names(run, capsys)]
    assert main(["chart", str(run), "--format", "json"]) == 0
    assert capsys.readouterr().out.splitlines() == wanted
    assert sorted(map(str, (run / "charts").iterdir())) == sorted(wanted)
    figure = json.loads(Path(wanted[0]).read_text(encoding="utf-8"))
    assert figure["data"]
    assert "draws" in figure["layout"]["title"]["text"]
    assert main(["list", "--out", str(run.parent.parent)]) == 0


def test_a_page_is_offline_and_the_same_again(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A page asks nothing of the network, says what it rests on, and is the same byte for byte."""
    assert main(["chart", str(run / "summary.json"), "outcomes"]) == 0
    path = Path(capsys.readouterr().out.strip())
    text = path.read_text(encoding="utf-8")
    assert "60 draws" in text
    assert "default-src 'none'" in text
    head = text[: text.index("<script>")]
    assert not re.search(r"(src|href)=", head)
    assert main(["chart", str(run), "outcomes"]) == 0
    assert path.read_text(encoding="utf-8") == text
    assert [each.name for each in path.parent.iterdir()] == ["outcomes.html"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["outcome"], "did you mean outcomes?"),
        (["zzz"], "there are: outcomes"),
        (["outcomes", "--width", "500"], "html fits its window"),
        (["outcomes", "--format", "gif"], "'gif' is not one of"),
        (["outcomes", "--format", "png", "--width", "5"], "200<=x<=4000"),
    ],
)
def test_bad_words_are_one_sentence(
    run: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown chart gets the nearest, a wrong option its reason: exit code 2, and nothing is written."""
    assert main(["chart", str(run), *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert said in err
    assert not (run / "charts").exists()


def test_what_is_no_run_is_refused(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is nothing, a folder without a run, a damaged run and a link in the way are refused."""
    assert main(["chart", "nowhere"]) == 2
    assert main(["chart", str(tmp_path)]) == 2
    assert "holds no run" in capsys.readouterr().err
    copy = tmp_path / run.name
    shutil.copytree(run, copy)
    (copy / "charts").symlink_to(tmp_path)
    assert main(["chart", str(copy), "outcomes"]) == 4
    assert "is a symlink" in capsys.readouterr().err
    (copy / "summary.json").write_text("{}", encoding="utf-8")
    assert main(["chart", str(copy), "outcomes"]) == 7


def test_json_has_its_keys(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`chart --json` prints exactly its documented keys; with `--list` no path."""
    assert main(["chart", str(run), "outcomes", "--format", "json", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["run", "charts"]
    assert [list(row) for row in found["charts"]] == [ROW]
    assert Path(found["charts"][0]["path"]).is_file()
    assert main(["chart", str(run), "outcomes", "--list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["charts"][0]["path"] is None


def test_without_the_extra_pictures_say_what_is_missing(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the `image` extra, or without a browser, one sentence says what to install: exit code 2."""
    monkeypatch.setattr(export, "find_spec", lambda _name: None)
    assert main(["chart", str(run), "outcomes", "--format", "png"]) == 2
    assert "pip install 'parley-sim[image]'" in capsys.readouterr().err

    def no_browser(**_more: object) -> None:
        raise RuntimeError("Kaleido requires Google Chrome to be installed.")

    monkeypatch.setattr(export, "find_spec", lambda _name: object())
    monkeypatch.setattr(export, "write_images", no_browser)
    assert main(["chart", str(run), "outcomes", "--format", "png"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "install one (apt-get install chromium" in err


@pytest.mark.skipif(find_spec("kaleido") is None, reason="pictures need the `image` extra")
@pytest.mark.parametrize(("form", "begins"), [("png", b"\x89PNG"), ("svg", b"<svg"), ("pdf", b"%PDF")])
def test_pictures_are_drawn(run: Path, form: str, begins: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    """Each kind of picture is what its name says; a PNG has two dots to each pixel asked for."""
    assert main(["chart", str(run), "outcomes", "--format", form, "--width", "600", "--height", "400"]) == 0
    data = Path(capsys.readouterr().out.strip()).read_bytes()
    assert data.startswith(begins)
    if form == "png":
        assert (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")) == (1200, 800)


def test_a_chart_that_needs_another_run_says_which(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A chart of the report that this run cannot have is refused with what it would need."""
    assert main(["chart", str(run), "variance"]) == 2
    assert "needs `parley run --paths 2` or more" in capsys.readouterr().err
    assert main(["chart", str(run), "mechanisms"]) == 2
    assert "needs `parley run --mechanisms N`" in capsys.readouterr().err


def test_charts_of_a_sweep(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A sweep's charts are listed, and written as pages and as Plotly's JSON; damage is seen first."""
    fearon = Path(__file__).resolve().parents[2] / "scenarios" / "textbook" / "fearon-ultimatum.yaml"
    vary = ["--vary", "breakdown.flows.a=0.1,0.3", "--vary", "breakdown.flows.b=0.2,0.3"]
    assert main(["sweep", str(fearon), *vary, "-n", "20", "-q", "--out", str(tmp_path)]) == 0
    (folder,) = tmp_path.glob("*/sweep-*")
    capsys.readouterr()
    assert main(["chart", str(folder), "--list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in told["charts"]] == ["lines", "maps", "likeliest", "parallel"]
    assert main(["chart", str(folder / "report.html"), "maps", "--format", "json"]) == 0
    figure = json.loads((folder / "charts" / "maps.json").read_text(encoding="utf-8"))
    assert "heatmap" in {trace["type"] for trace in figure["data"]}
    assert main(["chart", str(folder)]) == 0
    assert {path.name for path in (folder / "charts").glob("*.html")} == {
        f"{each['name']}.html" for each in told["charts"]
    }
    assert main(["chart", str(folder), "paralel"]) == 2
    assert "did you mean parallel?" in capsys.readouterr().err
    (folder / "summary.json").write_text("{}", encoding="utf-8")
    assert main(["chart", str(folder)]) == 7
    assert "summary.json is not what was written" in capsys.readouterr().err
