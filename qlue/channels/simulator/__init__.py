"""Providers and residents to try things on: for tests, benches, the demo and `qlue channels simulate`."""

from qlue.channels.simulator.provider import Accepted, Provider, provider

__all__ = ["Accepted", "Provider", "provider"]
