"""Who may import whom, and what each command must not pay for."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SIM = ROOT / "sim"
FLAGSHIP = ROOT / "scenarios" / "khmeimim-tartus-2024.yaml"

# room -> what its modules may import besides the standard library and their own room
MAY_IMPORT: dict[str, set[str]] = {
    "rules": {"numpy"},
    "blocks": set(),
    "processes": set(),
    "randomness": {"numpy", "sim.blocks"},
    "chance": {"numpy", "sim.rules", "sim.randomness"},
    "scenario": {"numpy", "sim.rules", "sim.randomness", "yaml", "pydantic", "pydantic_core", "scipy.special"},
    "episodes": {"numpy", "sim.rules"},
    "chronicle": {"numpy", "sim.rules"},
    "ledger": {"numpy", "sim.rules", "sim.scenario", "sim.episodes", "sim.chronicle"},
    "montecarlo": {
        "numpy",
        "sim.blocks",
        "sim.chance",
        "sim.rules",
        "sim.randomness",
        "sim.scenario",
        "sim.ledger",
        "sim.processes",
    },
    "plane": {"numpy", "sim.chance", "sim.rules", "sim.scenario", "sim.ledger", "sim.montecarlo"},
    "agents": {
        "numpy",
        "sim.chance",
        "sim.rules",
        "sim.randomness",
        "sim.ledger",
        "sim.montecarlo",
        "sim.scenario",
        "mesa",
    },
    "analysis": {"numpy", "scipy"},
    "charts": {"numpy", "sim.analysis", "plotly"},
    "batch": {
        "numpy",
        "sim.scenario",
        "sim.montecarlo",
        "pyarrow",
        "filelock",
        "scipy",
        "distributed",
        "xarray",
        "sim.mechanisms",
        "sim.randomness",
    },
    "solution": {
        "numpy",
        "sim.chance",
        "sim.rules",
        "sim.randomness",
        "sim.scenario",
        "sim.montecarlo",
        "sim.analysis",
    },
    "describe": {"numpy", "pydantic", "sim", "sim.rules", "sim.scenario"},
    "replays": {"sim.scenario", "sim.montecarlo", "sim.processes"},
    "mechanisms": {"pydantic", "sim.scenario", "sim.analysis"},
    "causes": {"numpy", "sim.scenario", "sim.agents", "sim.analysis", "sim.ledger", "sim.mechanisms", "sim.rules"},
    "gate": {"numpy", "sim.scenario", "sim.analysis", "sim.montecarlo", "sim.mechanisms", "sim.replays"},
    "experiment": {"numpy", "pyarrow", "plotly", "sim"},
    "sweep": {"numpy", "sim"},
    "tabulate": {"numpy", "sim"},
    "compare": {"numpy", "sim.analysis", "sim.batch", "sim.montecarlo", "sim.scenario"},
    "interop": {"sim.scenario", "defusedxml"},
    "explorer": {"numpy", "sim", "dash", "plotly"},
    "cli": {"click", "rich", "sim"},
    "__init__": {"sim"},
    "__main__": {"sim"},
}
# only one room may know these
OWNED = {
    "mesa": {"agents"},
    "plotly": {"charts", "explorer", "experiment"},
    "pyarrow": {"batch", "experiment"},
    "yaml": {"scenario"},
    "defusedxml": {"interop"},
    "xarray": {"batch"},
    "click": {"cli"},
}


def room(path: Path) -> str:
    """The room a module stands in: the folder or the module right below sim/."""
    return path.relative_to(SIM).parts[0].removesuffix(".py")


def modules() -> list[Path]:
    """Every module of the package."""
    return sorted(path for path in SIM.rglob("*.py") if "_scenarios" not in path.parts)


class Imports(ast.NodeVisitor):
    """Collects the dotted names a module imports at run time; what only a type checker reads is passed over."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def visit_If(self, node: ast.If) -> None:
        """Pass over `if TYPE_CHECKING:`."""
        if not (isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        """Take each name."""
        self.names += [alias.name for alias in node.names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Take the module with each name, since a name may be a module."""
        assert node.level == 0, "relative imports hide which room is meant"
        self.names += [f"{node.module}.{alias.name}" for alias in node.names]


def imported(path: Path) -> list[str]:
    """The dotted names that the module at `path` imports at run time."""
    collector = Imports()
    collector.visit(ast.parse(path.read_text(encoding="utf-8")))
    return [name for name in collector.names if name.split(".")[0] not in sys.stdlib_module_names]


def below(name: str, allowed: set[str]) -> bool:
    """Whether `name` is one of `allowed` or stands below it."""
    return any(name == other or name.startswith(f"{other}.") for other in allowed)


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(SIM).as_posix())
def test_every_module_keeps_to_its_room(path: Path) -> None:
    """A module imports only what its room may: rules stay pure, slow libraries stay where they are needed."""
    here = room(path)
    assert here in MAY_IMPORT, f"{path} stands in a room that nobody has described"
    allowed = MAY_IMPORT[here] | {f"sim.{here}"}
    assert [name for name in imported(path) if not below(name, allowed)] == []


@pytest.mark.parametrize("library", OWNED)
def test_slow_libraries_have_one_owner(library: str) -> None:
    """Each slow or far-reaching library is imported by its own rooms alone."""
    users = {room(path) for path in modules() if any(below(name, {library}) for name in imported(path))}
    assert users <= OWNED[library]


def loaded(program: str) -> set[str]:
    """The top-level modules in memory after `program` ran in a new interpreter."""
    tail = "\nimport sys\nprint(' '.join({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    command = [sys.executable, "-c", program + tail]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, timeout=60)
    return set(done.stderr.split())


SLOW = {"mesa", "scipy", "plotly", "pandas", "networkx"}


@pytest.mark.parametrize(
    ("program", "more"),
    [
        ("import sim", {"numpy", "pyarrow", "pydantic", "yaml", "click"}),
        ("from sim.cli import main; main(['--help'])", {"numpy", "pyarrow", "pydantic", "yaml"}),
        ("from sim.cli import main; main(['--version'])", {"numpy", "pyarrow", "pydantic", "yaml"}),
        ("from sim.cli import main; main(['list', '--out', 'no-such-folder', '--quiet'])", {"pyarrow", "pydantic"}),
        ("from sim.cli import main; assert main(['check', EXAMPLE]) == 0", {"pyarrow"}),
        ("from sim.cli import main; assert main(['check', FLAGSHIP]) == 0", {"numpy", "pyarrow"}),
        ("from sim.cli import main; assert main(['schema', '--quiet']) == 0", {"pyarrow"}),
        ("from sim.cli import main; main(['clean', '--out', 'no-such-folder', '--quiet'])", {"pyarrow", "pydantic"}),
    ],
    ids=["import sim", "help", "version", "list", "check", "check a large one", "schema", "clean"],
)
def test_what_is_not_needed_is_not_loaded(program: str, more: set[str], example: Path) -> None:
    """Importing sim, asking for help and checking a scenario load neither Mesa, SciPy nor Plotly."""
    assert not loaded(f"EXAMPLE, FLAGSHIP = {str(example)!r}, {str(FLAGSHIP)!r}\n{program}") & (SLOW | more)


def test_help_is_quick() -> None:
    """`parley --help` takes less than a second of a processor, however busy it is; on an idle machine about 0.15 s."""
    before = os.times()
    loaded("from sim.cli import main; main(['--help'])")
    after = os.times()
    assert after.children_user - before.children_user + after.children_system - before.children_system < 1
