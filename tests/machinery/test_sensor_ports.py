"""Where sensors connect: plain on this machine, with TLS where the operator says so and names both files."""

import pytest
from django.core.management import CommandError

from qlue.runtime import programs
from qlue.runtime import supervisor as up
from qlue.things.management.commands.things import tls_ports


def test_tls_is_a_second_port_with_its_files(monkeypatch, tmp_path):
    wanted = up.parse_options(["--port", "18500"])
    assert programs.sensor_address(wanted) == ("127.0.0.1", 18502)
    assert programs.sensor_tls_address() is None
    monkeypatch.setenv("QLUE_MQTT_TLS", "0.0.0.0:18883")
    assert programs.sensor_tls_address() == ("0.0.0.0", 18883)
    with pytest.raises(up.UpError, match="QLUE_MQTT_CERT"):
        up.check_options(wanted)


@pytest.mark.parametrize(("tls", "certificate"), [("18883", ""), ("0.0.0.0:x", "cert"), ("0.0.0.0:18883", "none.pem")])
def test_a_listener_without_a_usable_pair_says_so(tmp_path, tls, certificate):
    with pytest.raises(CommandError):
        tls_ports(tls, certificate, str(tmp_path / "key.pem"))
    assert tls_ports("", "", "") == []
