"""Checking and loading city packs."""

from qlue.cities.actions.check import check_pack, check_packs
from qlue.cities.actions.load import FaultyPack, Loaded, load_pack
from qlue.cities.pack.contents import UserRow
from qlue.cities.pack.faults import Fault

__all__ = ["Fault", "FaultyPack", "Loaded", "UserRow", "check_pack", "check_packs", "load_pack"]
