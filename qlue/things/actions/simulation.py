"""A sensor's side of the listener, for whoever plays sensors."""

from qlue.things.mqtt.client import CommandHandler, SensorClient


def connect_sensor(host: str, port: int, client_id: str, token: str, on_command: CommandHandler) -> SensorClient:
    """A sensor for the listener at `host` and `port`; it connects when it is run."""
    return SensorClient(host, port, client_id, token, on_command)
