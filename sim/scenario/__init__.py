"""YAML to a validated, frozen scenario: `load` reads a file, checks everything and lists every fault at once."""

from sim.scenario.faults import Fault, ScenarioError
from sim.scenario.load import load
from sim.scenario.schema import Scenario

__all__ = ["Fault", "Scenario", "ScenarioError", "load"]
