"""Checking and loading city packs."""

from qlue.cities.actions.check import check_pack, check_packs
from qlue.cities.actions.load import FaultyPack, LoadedPack, load_pack
from qlue.cities.pack.contents import UserRow
from qlue.cities.pack.faults import PackFault

__all__ = ["FaultyPack", "LoadedPack", "PackFault", "UserRow", "check_pack", "check_packs", "load_pack"]
