"""What a connection asks of the listener that owns it, apart from both so that neither imports the other."""

from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

from qlue.things.intake.identity import DeviceIdentity
from qlue.things.mqtt.codec import ConnectPacket

C = TypeVar("C", contravariant=True)


class ConnectionOwner(Protocol[C]):
    """The listener, as its connections (of type C) know it. Every call returns at once."""

    def on_connect(self, connection: C) -> None:
        """A peer has connected; nobody knows yet who it is."""

    def on_disconnect(self, connection: C) -> None:
        """The peer is gone."""

    def on_rejected(self, connection: C, reason: str) -> None:
        """The connection was ended from our side; the reason is counted."""

    def authenticate(self, connection: C, packet: ConnectPacket) -> None:
        """Answers with `accept` or `refuse` of the connection, once the database has been asked."""

    def enqueue(self, connection: C, packet_id: int | None, payload: bytes) -> None:
        """A message to be stored; `on_stored` of the connection follows when it is on the disk."""

    def is_full(self) -> bool:
        """True while so much waits to be stored that connections should stop reading."""

    def on_subscribed(self, connection: C) -> None:
        """The device listens for its commands."""

    def on_command_acknowledged(self, command_id: int) -> None:
        """A device has received this command."""

    def count_refusal(self, device: DeviceIdentity, reason: str, n: int) -> None:
        """Something of a device was refused without ending its connection."""

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Runs beside everything else; the owner keeps the task alive."""
