"""Keys of programs."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from qlue.channels.actions import create_api_key, end_api_key
from qlue.channels.models import ApiKey
from qlue.channels.queries import find_api_key
from qlue.kit.db import enter_city


def test_a_key_is_shown_once_and_kept_as_a_hash(makassar):
    key = create_api_key(makassar, "LAPOR jembatan")
    assert key.startswith("makassar_")
    kept = ApiKey.objects.get()
    assert key not in (kept.hash, kept.name)
    assert find_api_key(makassar, key) == kept


def test_keys_of_another_city_cannot_be_seen(makassar, tomohon):
    key = create_api_key(makassar, "a")
    enter_city(tomohon.id)
    assert not ApiKey.objects.exists()
    assert find_api_key(tomohon, key) is None


@pytest.mark.parametrize("name", ["", "  ", "a" * 81])
def test_a_key_needs_a_name(makassar, name):
    with pytest.raises(ValidationError):
        create_api_key(makassar, name)


def test_a_name_is_given_once_and_a_key_ends_once(makassar):
    create_api_key(makassar, "a")
    with pytest.raises(ValidationError, match="a"):
        create_api_key(makassar, "a")
    assert end_api_key(makassar, "a")
    assert not end_api_key(makassar, "a")
    assert not end_api_key(makassar, "b")


def test_commands(makassar):
    out, err = io.StringIO(), io.StringIO()
    call_command("apikey", "add", "--city", "makassar", "--name", "mitra", stdout=out, stderr=err)
    assert find_api_key(makassar, out.getvalue().strip())
    assert "cannot be shown again" in err.getvalue()
    call_command("apikey", "list", "--city", "makassar", stdout=out)
    assert "mitra" in out.getvalue()
    call_command("apikey", "end", "--city", "makassar", "--name", "mitra", stdout=out)
    for words in (["end", "--city", "makassar", "--name", "mitra"], ["list", "--city", "atlantis"]):
        with pytest.raises(CommandError):
            call_command("apikey", *words)
