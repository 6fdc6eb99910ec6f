"""What is installed from a wheel works far from the repository, its scenarios by name."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

import sim

ROOT = Path(__file__).resolve().parent.parent
NAMES = {path.stem for path in (ROOT / "scenarios").rglob("*.yaml")}


def run(*command: str, folder: Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, offline, with the packages of `path` first where one is given."""
    env = {**os.environ, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUTF8": "1"}
    if path is not None:
        env["PYTHONPATH"] = str(path)
    done = subprocess.run(command, cwd=folder, env=env, check=False, capture_output=True, text=True, timeout=300)
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the repository, with the build backend of this environment."""
    shelf = tmp_path_factory.mktemp("wheel")
    options = ("--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(shelf))
    done = run(sys.executable, "-m", "pip", "wheel", *options, str(ROOT), folder=shelf)
    assert done.returncode == 0, done.stderr
    (built,) = shelf.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel is installed."""
    folder = tmp_path_factory.mktemp("site")
    options = ("--no-deps", "--quiet", "--target", str(folder))
    done = run(sys.executable, "-m", "pip", "install", *options, str(wheel), folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def parley(site: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a folder."""
    return run(sys.executable, str(site / "bin" / "parley"), *arguments, folder=folder, path=site)


def test_the_wheel_holds_what_it_needs(wheel: Path) -> None:
    """Every scenario, the licence and the mark of typing travel in the wheel; tests and results stay at home."""
    held = ZipFile(wheel).namelist()
    assert {Path(name).stem for name in held if re.match(r"sim/_scenarios/.*\.yaml$", name)} == NAMES
    assert {"sim/_scenarios/scenario.schema.json", "sim/cli/starter.yaml"} <= set(held)
    assert "sim/py.typed" in held
    assert any(name.endswith("/licenses/LICENSE") for name in held)
    assert {name.split("/")[0] for name in held} == {"sim", f"parley_sim-{sim.__version__}.dist-info"}


def test_shipped_scenarios_run_by_name_in_an_empty_folder(site: Path, tmp_path: Path) -> None:
    """The installed command lists, checks and plays what came with it, and writes into the folder it stands in."""
    listed = json.loads(parley(site, tmp_path, "list", "--scenarios", "--json").stdout)["scenarios"]
    assert {each["name"] for each in listed} == NAMES
    assert all(each["path"].startswith(str(site)) for each in listed)
    assert "good" in parley(site, tmp_path, "check", "khmeimim-tartus-2024").stdout
    for name in ("khmeimim-tartus-2024", "rubinstein"):
        done = parley(site, tmp_path, "run", name, "-n", "40", "--workers", "1", "--quiet")
        assert done.returncode == 0, done.stderr
        assert (tmp_path / done.stdout.splitlines()[-1]).is_file()


def test_a_path_comes_before_a_name_and_the_nearest_name_is_told(site: Path, tmp_path: Path) -> None:
    """A file here wins over `scenarios/` here, and that over what is shipped; an unknown name gets the nearest."""
    text = next((ROOT / "scenarios").rglob("rubinstein.yaml")).read_text("utf-8")
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "rubinstein.yaml").write_text(re.sub("(?m)^title: .*", "title: Of this folder", text))
    assert "Of this folder" in parley(site, tmp_path, "check", "rubinstein").stdout
    (tmp_path / "rubinstein").write_text(re.sub("(?m)^title: .*", "title: Of this path", text))
    assert "Of this path" in parley(site, tmp_path, "check", "rubinstein").stdout
    done = parley(site, tmp_path, "check", "rubinstien")
    assert done.returncode == 2
    assert "did you mean rubinstein?" in done.stderr
    done = parley(site, tmp_path, "check", "zzzz")
    assert done.returncode == 2
    assert "`parley list --scenarios`" in done.stderr


def test_the_citation_is_of_this_version() -> None:
    """CITATION.cff gives the version and the licence of the package."""
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {sim.__version__}\n" in citation
    assert "\nlicense: Apache-2.0\n" in citation
