"""A simulated provider and residents who write through it: for the demo, `qlue channels simulate`, benches, tests."""

from qlue.demo.simulator.provider import AcceptedMessage, SimulatedProvider, run_provider

__all__ = ["AcceptedMessage", "SimulatedProvider", "run_provider"]
