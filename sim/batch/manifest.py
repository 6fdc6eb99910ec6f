"""The manifest: what decided a run's bytes, where they were made, and the hash of every file, sealed by its own."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from sim.batch.folders import DamagedError, partial, reason, refuse_links, run_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

MANIFEST, DRAWS, SUMMARY, REPORT, LOG = "manifest.json", "draws.parquet", "summary.json", "report.html", "log.json"
_FORMAT = 1
SEAL = "manifest_sha256"
# The command line and the live page compute nothing: a change there leaves results as they are.
_NOT_COMPUTING = ("cli", "explorer", "_scenarios")


@dataclass(frozen=True)
class Inputs:
    """All that decides the bytes of a run; its digest names the folder."""

    scenario: str
    model_hash: str
    text_hash: str
    seed: int
    draws: int
    paths: int
    sets: tuple[str, ...]
    version: str
    code: str
    mechanisms: int = 0
    keep: str = "all"

    @property
    def digest(self) -> str:
        """The sha256, in hex, of the fields as canonical JSON."""
        return hashlib.sha256(canonical(self.plain).encode()).hexdigest()

    @property
    def plain(self) -> dict[str, Any]:
        """The fields as JSON knows them."""
        return {**asdict(self), "sets": list(self.sets)}

    def folder(self, out: Path) -> Path:
        """Where the run lies under `out`."""
        return run_folder(out, self.scenario, self.digest)


@cache
def code_hash() -> str:
    """Return the sha256, in hex, of every module of the package that takes part in computing a result."""
    root = Path(__file__).resolve().parent.parent
    names = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.py"))
    total = hashlib.sha256()
    for name in names:
        if name.split("/", 1)[0] not in _NOT_COMPUTING:
            total.update(f"{name}\0{hashlib.sha256((root / name).read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def manifest_text(inputs: Inputs, files: Mapping[str, Any]) -> str:
    """Return the manifest of a run whose `files` map each name to its sha256 and size."""
    body = {
        "format": _FORMAT,
        "inputs": inputs.plain,
        "environment": environment(),
        "files": dict(sorted(files.items())),
    }
    return sealed(body)


def sealed(body: Mapping[str, Any]) -> str:
    """Return `body` as JSON that ends with its own hash."""
    seal = hashlib.sha256(canonical(body).encode()).hexdigest()
    return json.dumps({**body, SEAL: seal}, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def environment() -> dict[str, Any]:
    """What the last bits may depend on: interpreter, libraries, platform and the vector units in use."""
    simd = cast("dict[str, list[str]]", np.show_config(mode="dicts")["SIMD Extensions"])
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "scipy", "pyarrow", "plotly")},
        "platform": f"{platform.system()} {platform.machine()}",
        "vector_units": [*simd.get("baseline", ()), *simd.get("found", ())],
    }


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of `folder`; raises `DamagedError` unless every byte of it is what was written there."""
    refuse_links(folder, folder / MANIFEST)
    try:
        data = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise damaged(folder, MANIFEST, f"cannot be read ({reason(error)})") from error
    try:
        manifest = json_object(data)
        body = {key: value for key, value in manifest.items() if key != SEAL}
        intact = sealed(body).encode() == data and manifest["format"] == _FORMAT
        names = set(manifest["files"]) if intact else set()
    except (ValueError, KeyError, TypeError, RecursionError):
        intact, names = False, set()
    if not intact or not {DRAWS, SUMMARY} <= names <= {DRAWS, SUMMARY, REPORT}:
        raise damaged(folder, MANIFEST, "is not what was written")
    digest = hashlib.sha256(canonical(manifest["inputs"]).encode()).hexdigest()
    if folder.name not in (f"run-{digest[:10]}", partial(folder).name):
        raise damaged(folder, MANIFEST, "belongs to another run")
    return manifest


def damaged(folder: Path, name: str, what: str) -> DamagedError:
    """Return the error that names a damaged file and the way out."""
    return DamagedError(f"{folder / name} {what}; remove the folder {folder} and run again")


def canonical(value: Any) -> str:
    """Return `value` as JSON in its own order without spaces; NaN and infinities are refused with `ValueError`."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def json_object(data: bytes) -> dict[str, Any]:
    """Return the JSON object in `data`; raises `ValueError` or `TypeError` for anything else."""
    value = json.loads(data)
    if not isinstance(value, dict):
        raise TypeError("not a JSON object")
    return value
