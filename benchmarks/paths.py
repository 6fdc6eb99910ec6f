"""Where the benchmarks find and leave things."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLAGSHIP = ROOT / "scenarios" / "khmeimim-tartus-2024.yaml"
RESULTS = ROOT / "benchmarks" / "results"
