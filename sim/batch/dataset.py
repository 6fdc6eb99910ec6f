"""The table of a sweep's points as an `xarray.Dataset`: a grid along its axes, any other design along its points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.scenario.axes import DesignError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    import xarray as xr

SHARE, PAYOFF = "outcome", "payoff"


def dataset(folder: Path) -> xr.Dataset:
    """Return the points of a finished sweep with names, units and the base case.

    A grid has a dimension for each axis, named by its path; paths that move together share one, and the others stand
    beside it as coordinates.  Any other design has the dimension `point`, and all paths are coordinates along it.

    ``share`` (outcome, ...) with ``share_low`` and ``share_high``, its 95 % interval; ``agreement`` the same of deals;
    ``agreed_step``; ``payoff`` (party, ...) with ``payoff_se``; ``draws``; ``state``.  Failed points are NaN.
    The base case's are ``base_share`` (outcome) and ``base_payoff`` (party).

    Raises `DesignError` without the extra `xarray`, `DamagedError` where a file is not what was written.
    """
    from sim.batch.points import POINTS
    from sim.batch.sweeps import read_summary

    xarray = _xarray()
    import pyarrow.parquet as pq

    summary = read_summary(folder)
    columns = {name: column.to_numpy() for name, column in _columns(pq.read_table(folder / POINTS)).items()}
    base = {name: values[0] for name, values in columns.items()}
    rows = {name: values[1:] for name, values in columns.items()}
    axes = summary["axes"]
    grid = [axis["count"] for axis in axes] if summary["design"] == "grid" else None
    dims = [axis["paths"][0] for axis in axes] if grid else ["point"]
    shape = tuple(grid or (len(rows["point"]),))

    def placed(name: str) -> np.ndarray:
        values: np.ndarray = rows[name].reshape(shape)
        return values

    found: xr.Dataset = xarray.Dataset(attrs=_about(summary))
    for place, axis in enumerate(axes):
        found = found.assign_coords(_coordinates(axis, place if grid else None, placed))
    if not grid:
        found = found.assign_coords(point=("point", rows["point"]))
    found = found.assign_coords({SHARE: list(summary["outcomes"]), "party": list(summary["parties"])})
    found["outcome_label"] = (SHARE, list(summary["outcomes"].values()))
    found["party_label"] = ("party", list(summary["parties"].values()))
    for name, kind, more in (("share", SHARE, ("", ".low", ".high")), ("payoff", "party", ("", ".se"))):
        for end in more:
            stack = [placed(f"{'outcome' if kind == SHARE else PAYOFF}.{key}{end}") for key in found[kind].values]
            found[name + end.replace(".", "_")] = ((kind, *dims), _stacked(stack), _words(name + end))
    for name in ("agreement", "agreement.low", "agreement.high", "agreed_step", "draws", "state"):
        found[name.replace(".", "_")] = (dims, placed(name), _words(name))
    for name, kind, prefix in (("base_share", SHARE, "outcome"), ("base_payoff", "party", PAYOFF)):
        values = [base[f"{prefix}.{key}"] for key in found[kind].values]
        found[name] = (kind, values, _words(name))
    return found


def write(folder: Path, path: Path) -> None:
    """Write the dataset of a sweep as NetCDF (version 3, which every reader knows), whole or not at all.

    Raises `DesignError` and `DamagedError` as `dataset` does, OSError where the file cannot be written.
    """
    from sim.batch.sweeps import placed

    data = dataset(folder).to_netcdf(engine="scipy")
    with placed(path) as sink:
        sink.write(data)


def _xarray() -> Any:
    try:
        import xarray
    except ImportError:
        raise DesignError("datasets need the extra `xarray`: pip install 'parley-sim[xarray]'") from None
    return xarray


def _columns(table: Any) -> Mapping[str, Any]:
    return {name: table[name] for name in table.column_names}


def _stacked(arrays: list[np.ndarray]) -> np.ndarray:
    import numpy as np

    return np.stack(arrays)


def _coordinates(axis: Mapping[str, Any], place: int | None, placed: Any) -> dict[str, Any]:
    """Return the coordinates of an axis: along its own dimension in a grid, else along the points."""
    made = {}
    for at, path in enumerate(axis["paths"]):
        values = placed(path)
        if place is not None:
            values = values[tuple(slice(None) if k == place else 0 for k in range(values.ndim))]
        about = {"long_name": axis["labels"][at]}
        if axis["units"][at]:
            about["units"] = axis["units"][at]
        if at == 0 and axis["base"] is not None:
            about["base_case"] = axis["base"]
        made[path] = (axis["paths"][0] if place is not None else "point", values, about)
    return made


def _about(summary: Mapping[str, Any]) -> dict[str, Any]:
    told = ("scenario", "title", "design", "draws", "version", "model_hash", "text_hash")
    shared = "own" if summary["independent"] else "shared by all points"
    return {**{key: summary[key] for key in told}, "seed": str(summary["seed"]), "random_numbers": shared}


_WORDS = {
    "share": ("share of draws that end in a class", "1"),
    "share.low": ("lower end of the share's 95 % Wilson interval", "1"),
    "share.high": ("upper end of the share's 95 % Wilson interval", "1"),
    "agreement": ("share of draws in which a deal was ever signed", "1"),
    "agreement.low": ("lower end of that share's 95 % Wilson interval", "1"),
    "agreement.high": ("upper end of that share's 95 % Wilson interval", "1"),
    "agreed_step": ("median step of the first deals, counted from 0", "steps"),
    "payoff": ("mean payoff", "best-minus-worst flow of the party"),
    "payoff.se": ("standard error of the mean payoff", "best-minus-worst flow of the party"),
    "draws": ("draws played", "1"),
    "state": ("whether the point was played: done or failed", None),
    "base_share": ("share of draws that end in a class in the base case", "1"),
    "base_payoff": ("mean payoff in the base case", "best-minus-worst flow of the party"),
}


def _words(name: str) -> dict[str, str]:
    words, unit = _WORDS[name]
    return {"long_name": words} | ({"units": unit} if unit else {})
