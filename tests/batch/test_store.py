"""Results on disk are whole, verified and byte-identical, or refused with a sentence."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from sim.batch import folders, listing, manifest, store
from sim.batch.folders import DamagedError, LockedError, StoreError

INPUTS = manifest.Inputs(
    scenario="water-rent",
    model_hash="a" * 64,
    text_hash="b" * 64,
    seed=0,
    draws=200_000,
    paths=1,
    sets=("time.window=3",),
    version="0.1.0",
    code="c" * 64,
)
SUMMARY: dict[str, Any] = {"scenario": "water-rent", "outcomes": {"z": {"probability": 0.5}, "a": {"probability": 0.5}}}
LOG = {"started": "2025-01-01T00:00:00+00:00", "elapsed_s": 1.0, "workers": 2, "command": ["parley"]}


def columns(draws: int = INPUTS.draws) -> dict[str, np.ndarray]:
    """Some columns as a run makes them."""
    rng = np.random.default_rng(5)
    share = rng.random(draws)
    return {
        "draw": np.arange(draws, dtype=np.int64),
        "outcome": rng.integers(0, 3, draws).astype(np.int8),
        "payoff.host": rng.random(draws),
        "surplus_share": np.where(share < 0.5, np.nan, share),
        "question.q1": share > 0.2,
    }


def write(out: Path, inputs: manifest.Inputs = INPUTS, report: str | None = "<html></html>", **more: Any) -> Path:
    """Write a run under `out`; return its folder."""
    folder = inputs.folder(out)
    with folders.hold(folder):
        store.write_run(folder, inputs, store.table(columns(inputs.draws)), SUMMARY, report, {**LOG, **more})
    return folder


def small(**more: Any) -> manifest.Inputs:
    """Inputs of a run with few draws."""
    return replace(INPUTS, draws=100, **more)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder but the log."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != manifest.LOG}


def test_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    """Manifest, draws, summary and report are byte-identical in two folders, whatever the log says."""
    first, second = write(tmp_path / "one"), write(tmp_path / "two", workers=7, elapsed_s=9.0)
    assert contents(first) == contents(second)
    assert set(contents(first)) == {"manifest.json", "draws.parquet", "summary.json", "report.html"}


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    """Draws and summary come back with their values, types and order; a missing measure comes back as null."""
    folder = write(tmp_path)
    seal = store.verify(folder, INPUTS)
    table, given = store.read_draws(folder, seal), columns()
    assert table.column_names == list(given)
    assert np.array_equal(table["payoff.host"].to_numpy(), given["payoff.host"])
    assert table["outcome"].type == "int8"
    assert table["surplus_share"].null_count == np.isnan(given["surplus_share"]).sum()
    assert list(store.read_summary(folder, seal)["outcomes"]) == ["z", "a"]


def test_row_groups_are_fixed_and_pages_carry_checksums(tmp_path: Path) -> None:
    """The table lies in groups of 65,536 rows in block order, and nothing in it tells the time."""
    file = pq.ParquetFile(write(tmp_path) / "draws.parquet")
    sizes = [file.metadata.row_group(i).num_rows for i in range(file.metadata.num_row_groups)]
    assert sizes == [65536, 65536, 65536, 200_000 - 3 * 65536]
    assert file.metadata.metadata is None


def test_what_repeats_alone_has_a_dictionary(tmp_path: Path) -> None:
    """Real numbers hardly ever repeat: a dictionary of them would be written beside them, half as large again."""
    group = pq.ParquetFile(write(tmp_path) / "draws.parquet").metadata.row_group(0)
    kept = {group.column(i).path_in_schema: group.column(i).has_dictionary_page for i in range(group.num_columns)}
    numbers = {name for name, values in columns(1).items() if values.dtype.kind == "f"}
    assert {name for name, dictionary in kept.items() if not dictionary} >= numbers
    assert kept["outcome"]


@pytest.mark.parametrize("name", ["payoff.host", "surplus_share"])
@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinities_are_refused(name: str, value: float) -> None:
    """No infinity reaches the store."""
    with pytest.raises(ValueError, match=name):
        store.table({name: np.array([0.0, value])})


def test_nan_is_refused_where_a_number_must_stand(tmp_path: Path) -> None:
    """No NaN reaches the store: neither a column of payoffs nor a summary."""
    with pytest.raises(ValueError, match=r"payoff\.host"):
        store.table({"payoff.host": np.array([0.0, np.nan])})
    with pytest.raises(ValueError, match="not JSON compliant"):
        store.summary_text({"probability": float("nan")})
    assert not list(tmp_path.iterdir())


def test_every_flipped_bit_of_a_small_run_is_seen(
    tmp_path: Path, full: bool, reached: Callable[[int, str], None]
) -> None:
    """One flipped bit at any byte of any file under the manifest, the manifest itself included, is refused by name."""
    folder = write(tmp_path, small())
    flips = 0
    for name, data in contents(folder).items():
        for place in range(0, len(data), 1 if full else 7):
            flips += 1
            broken = bytearray(data)
            broken[place] ^= 1 << (place % 8)
            (folder / name).write_bytes(broken)
            with pytest.raises(DamagedError, match=name):
                store.verify(folder)
        (folder / name).write_bytes(data)
    store.verify(folder)
    reached(11, f"{flips} flipped bits, 0 unseen")


def test_truncated_and_missing_files_are_seen(tmp_path: Path) -> None:
    """A file cut at any of its ends, or gone, is refused with its name and the way out."""
    folder = write(tmp_path, small())
    for name, data in contents(folder).items():
        for length in (0, 1, len(data) // 2, len(data) - 1):
            (folder / name).write_bytes(data[:length])
            with pytest.raises(DamagedError, match=f"{name}.*; remove the folder .* and run again"):
                store.verify(folder)
        (folder / name).unlink()
        with pytest.raises(DamagedError, match=name):
            store.verify(folder)
        (folder / name).write_bytes(data)


def test_a_run_under_another_name_is_refused(tmp_path: Path) -> None:
    """A whole folder that was renamed, or whose digest was met by other inputs, is not taken for another run."""
    folder = write(tmp_path, small())
    with pytest.raises(DamagedError, match="belongs to another run"):
        store.verify(folder, small(seed=1))
    moved = folder.rename(folder.with_name("run-0123456789"))
    with pytest.raises(DamagedError, match="belongs to another run"):
        store.verify(moved)


def test_damage_between_check_and_read_is_seen(tmp_path: Path) -> None:
    """Bytes that change after the check are still refused when they are read."""
    folder = write(tmp_path, small())
    seal = store.verify(folder)
    (folder / "summary.json").write_text("{}")
    with pytest.raises(DamagedError, match=r"summary\.json"):
        store.read_summary(folder, seal)


@pytest.mark.parametrize(
    "field", ["scenario", "model_hash", "text_hash", "seed", "draws", "paths", "sets", "version", "code", "mechanisms"]
)
def test_every_input_decides_the_folder(tmp_path: Path, field: str) -> None:
    """Two runs that differ in one input lie in two folders."""
    other: Any = {"scenario": "rent", "sets": (), "seed": 1, "draws": 1, "paths": 2, "mechanisms": 9}.get(
        field, "d" * 64
    )
    assert replace(INPUTS, **{field: other}).folder(tmp_path) != INPUTS.folder(tmp_path)


def test_a_report_can_be_added_later(tmp_path: Path) -> None:
    """A run made without a report becomes, with one added, the same bytes as a run made with it."""
    plain, whole = write(tmp_path / "one", small(), report=None), write(tmp_path / "two", small())
    store.add_report(plain, store.verify(plain), small(), "<html></html>")
    assert contents(plain) == contents(whole)


def _hold_for_ever(folder: Path, ready: Any) -> None:
    with folders.hold(folder):
        ready.set()
        time.sleep(60)


def test_a_second_writer_is_refused_at_once_and_a_dead_one_never_blocks(tmp_path: Path) -> None:
    """While one process holds a folder another is refused at once, by name; a killed holder frees it.

    To wait for the holder would take a minute; what takes less than half of that is no wait, only a busy machine.
    """
    folder = small().folder(tmp_path)
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Event()
    holder = spawn.Process(target=_hold_for_ever, args=(folder, ready))
    holder.start()
    assert ready.wait(300)
    started = time.monotonic()
    with pytest.raises(LockedError, match=f"process {holder.pid} on "), folders.hold(folder):
        pass
    assert time.monotonic() - started < 30
    holder.kill()
    holder.join()
    write(tmp_path, small())
    store.verify(folder)


def test_what_an_interruption_left_is_shown_and_then_removed(tmp_path: Path) -> None:
    """A half-written sibling is listed as partial and gone after the next run."""
    folder = small().folder(tmp_path)
    left = folders.partial(folder)
    left.mkdir(parents=True)
    (left / "draws.parquet").write_bytes(b"half")
    assert [entry.state for entry in listing.entries(tmp_path)] == ["partial"]
    write(tmp_path, small())
    assert [entry.state for entry in listing.entries(tmp_path)] == ["complete"]
    assert not left.exists()


def test_the_list_tells_complete_from_damaged(tmp_path: Path) -> None:
    """The list names scenario, draws, seed, date and state of every result, and passes over what is not one."""
    write(tmp_path, small())
    broken = write(tmp_path, small(seed=1))
    (broken / "summary.json").write_text("{}")
    (tmp_path / "water-rent" / "notes.txt").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "water-rent")
    found = {entry.state: entry for entry in listing.entries(tmp_path)}
    assert len(list(listing.entries(tmp_path))) == 2
    good = found["complete"]
    assert (good.scenario, good.draws, good.seed, good.date) == ("water-rent", 100, 0, LOG["started"])
    assert "summary.json" in (found["damaged"].fault or "")


def test_a_write_that_fails_leaves_no_empty_folders(tmp_path: Path) -> None:
    """What was created for a run that came to nothing goes again; what was there, or is in use, stays."""
    out = tmp_path / "out"
    out.mkdir()
    folder = out / "water-rent" / "run-0123456789"
    with pytest.raises(KeyboardInterrupt), folders.hold(folder):
        raise KeyboardInterrupt
    assert list(tmp_path.rglob("*")) == [out]
    folder.parent.mkdir()
    (folder.parent / "notes.txt").write_text("mine")
    with pytest.raises(KeyboardInterrupt), folders.hold(folder):
        raise KeyboardInterrupt
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["notes.txt", "out", "water-rent"]


def test_an_absent_folder_holds_nothing(tmp_path: Path) -> None:
    """Listing a folder that does not exist finds nothing and creates nothing."""
    assert list(listing.entries(tmp_path / "none")) == []
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("link", ["scenario", "run", "lock", "partial"])
def test_symlinks_inside_the_folder_of_results_are_refused(tmp_path: Path, link: str) -> None:
    """A symlink where results would be written is refused by name, and nothing is written where it points."""
    away, out, inputs = tmp_path / "away", tmp_path / "out", small()
    away.mkdir()
    folder = out / "water-rent" / f"run-{inputs.digest[:10]}"
    spots = {"scenario": folder.parent, "run": folder, "partial": folders.partial(folder)}
    spot = spots.get(link, folder.with_name(f".{folder.name}.lock"))
    spot.parent.mkdir(parents=True, exist_ok=True)
    spot.symlink_to(away / "target" if link == "lock" else away)
    with pytest.raises(StoreError, match="is a symlink"):
        write(out, inputs)
    assert not list(away.iterdir())


def test_the_digest_does_not_depend_on_the_process() -> None:
    """Another interpreter with another hash seed names the same folder and the same code."""
    program = (
        "from sim.batch.manifest import Inputs, code_hash;"
        "print(Inputs('water-rent', 'a'*64, 'b'*64, 0, 9, 1, (), '1', code_hash()).digest)"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for seed in "0123"
    }
    here = manifest.Inputs("water-rent", "a" * 64, "b" * 64, 0, 9, 1, (), "1", manifest.code_hash())
    assert seen == {here.digest + "\n"}


def test_the_manifest_says_where_the_bits_were_made(tmp_path: Path) -> None:
    """The manifest carries inputs, versions and platform, and no clock, path or host."""
    folder = write(tmp_path, small())
    text = (folder / "manifest.json").read_text()
    seal = json.loads(text)
    assert seal["inputs"]["seed"] == 0
    assert {"python", "numpy", "platform", "vector_units"} <= set(seal["environment"])
    assert str(tmp_path) not in text
    assert "2025" not in text
