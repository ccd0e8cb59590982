"""Sealing secrets."""

import pytest

from qlue.kit.seal import UnsealError, seal, unseal


def test_what_was_sealed_comes_back_and_cannot_be_read_meanwhile():
    sealed = seal("kata sandi ünik")
    assert b"sandi" not in sealed
    assert unseal(sealed) == "kata sandi ünik"
    assert seal("sama") != seal("sama")


def test_another_key_or_a_changed_byte_opens_nothing(settings):
    sealed = seal("rahasia")
    with pytest.raises(UnsealError):
        unseal(sealed[:-4] + b"AAAA")
    settings.SECRET_KEY = "another"
    with pytest.raises(UnsealError):
        unseal(sealed)
