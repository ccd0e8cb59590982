"""Where sensors connect: plain on this machine, with TLS where the operator says so and names both files."""

import pytest

from qlue import up


def test_tls_is_a_second_port_with_its_files(monkeypatch, tmp_path):
    wanted = up.arguments(["--port", "18500"])
    assert up.listening(wanted) == ["listen", "--host", "127.0.0.1", "--port", "18502"]
    monkeypatch.setenv("QLUE_MQTT_TLS", "0.0.0.0:18883")
    with pytest.raises(up.UpError, match="QLUE_MQTT_CERT"):
        up.check(wanted)
    for name in ("CERT", "KEY"):
        (tmp_path / name).touch()
        monkeypatch.setenv(f"QLUE_MQTT_{name}", str(tmp_path / name))
    words = up.listening(wanted)
    assert words[5:] == [
        "--tls",
        "0.0.0.0:18883",
        "--certificate",
        str(tmp_path / "CERT"),
        "--key",
        str(tmp_path / "KEY"),
    ]
