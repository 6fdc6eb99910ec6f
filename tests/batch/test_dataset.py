"""A sweep's points as other programs read them: xarray, NetCDF, pandas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.batch import points
from sim.batch.dataset import dataset
from sim.batch.folders import DamagedError
from sim.cli import main
from sim.sweep import Sweep, plan, sweep

ROOT = Path(__file__).resolve().parent.parent.parent
FEARON = ROOT / "scenarios" / "textbook" / "fearon-ultimatum.yaml"
A, B = "breakdown.flows.a", "breakdown.flows.b"


def swept(out: Path, *vary: str, **more: Any) -> Sweep:
    """Sweep the one-demand game."""
    return sweep(plan(FEARON, vary, **{"draws": 100, **more}), out)


def test_a_grid_has_its_axes(tmp_path: Path) -> None:
    """Every share, payoff and interval of a grid stands at the values that its row has; axes have names and units."""
    pytest.importorskip("xarray")
    done = swept(tmp_path, f"{A}=0.1:0.5:3", f"{B}=0.1:0.4:4")
    found = done.dataset
    assert dict(found.sizes) == {A: 3, B: 4, "outcome": 2, "party": 2}
    for row in done.summary["rows"][1:]:
        here = found.sel({A: row[A], B: row[B]})
        for key in ("agreement", "none"):
            shares = [float(here[name].sel(outcome=key)) for name in ("share", "share_low", "share_high")]
            assert shares == [row[f"outcome.{key}{end}"] for end in ("", ".low", ".high")]
        assert float(here["payoff"].sel(party="b")) == row["payoff.b"]
        assert int(here["draws"]) == 100
    assert found[A].attrs == {
        "long_name": "breakdown · flows · Challenger",
        "units": "best-minus-worst flow",
        "base_case": 0.4,
    }
    assert float(found["base_share"].sel(outcome="none")) == done.summary["rows"][0]["outcome.none"]
    assert found.attrs["random_numbers"] == "shared by all points"


def test_paths_that_move_together_share_an_axis(tmp_path: Path) -> None:
    """The second of two paths that move together is a coordinate beside the first."""
    pytest.importorskip("xarray")
    found = swept(tmp_path, f"{A}+{B}=0.1:0.5:3/0.2:0.4:3").dataset
    assert found["share"].dims == ("outcome", A)
    assert found[B].dims == (A,)
    np.testing.assert_allclose(found[B], [0.2, 0.3, 0.4])


def test_other_designs_lie_along_their_points(tmp_path: Path) -> None:
    """Points that are no grid have one dimension; one that failed has no share, and says so."""
    pytest.importorskip("xarray")
    done = swept(tmp_path, f"{A}=0.1:0.5", "parties.b.accepts=going_on,nonsense", design="sobol", points=4)
    found = done.dataset
    assert found["share"].dims == ("outcome", "point")
    assert found[A].dims == ("point",)
    failed = found["state"].values == "failed"
    assert 0 < failed.sum() < 4
    assert np.isnan(found["share"].values).all(axis=0).tolist() == failed.tolist()


def test_netcdf_is_what_the_dataset_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`export netcdf` writes a file that reads back the same, and never over another without --force."""
    xarray = pytest.importorskip("xarray")
    done = swept(tmp_path / "out", f"{A}=0.1,0.3", "parties.b.accepts=going_on,gains")
    file = tmp_path / "points.nc"
    arguments = ["export", "netcdf", str(done.folder / "report.html"), "-o", str(file)]
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"files": [str(file)]}
    with xarray.open_dataset(file) as found:
        xarray.testing.assert_allclose(found.load(), done.dataset)
        assert found["share"].attrs["units"] == "1"
    assert main(arguments) == 2
    assert main([*arguments, "--force"]) == 0
    assert main(["export", "netcdf", str(tmp_path), "-o", str(file)]) == 2
    assert "holds no finished sweep" in capsys.readouterr().err
    assert main(["export", "netcdf", str(done.folder), "-o", str(tmp_path / "points.h5")]) == 2


def test_a_damaged_table_is_refused(tmp_path: Path) -> None:
    """A table of points that is not what was written is named, and nothing is made of it."""
    pytest.importorskip("xarray")
    folder = swept(tmp_path, f"{A}=0.1,0.3").folder
    data = (folder / points.POINTS).read_bytes()
    (folder / points.POINTS).write_bytes(data[:99] + bytes([data[99] ^ 1]) + data[100:])
    with pytest.raises(DamagedError, match=r"points\.parquet"):
        dataset(folder)


def test_pandas_reads_both_tables_alike(tmp_path: Path) -> None:
    """Promise 21: both tables open in pandas with the same numbers; texts that begin like formulas come as texts."""
    pandas = pytest.importorskip("pandas")
    listed = tmp_path / "points.csv"
    listed.write_text(f"{A},parties.b.accepts\n0.1,going_on\n0.3,=1+1\n0.2,@sum\n", encoding="utf-8")
    done = sweep(plan(FEARON, design="list", listed=listed, draws=50), tmp_path / "out")
    table = pandas.read_csv(done.folder / points.TABLE)
    other = pandas.read_parquet(done.folder / points.POINTS)
    assert list(table.columns) == list(other.columns)
    numbers = [name for name in other.columns if other[name].dtype.kind in "fi"]
    assert len(numbers) > 10
    pandas.testing.assert_frame_equal(table[numbers], other[numbers], check_dtype=False)
    assert table["parties.b.accepts"].tolist()[1:] == ["going_on", "'=1+1", "'@sum"]
    assert other["parties.b.accepts"].tolist()[1:] == ["going_on", "=1+1", "@sum"]
    assert table["state"].tolist() == ["done", "done", "failed", "failed"]
