"""One device's MQTT connection: who it is, what it may do, and how much of it may wait to be stored."""

import asyncio
import time
from typing import cast

from qlue.kit.callers import rate_limit_key
from qlue.kit.clock import now
from qlue.things.intake.identity import DeviceIdentity
from qlue.things.mqtt import codec
from qlue.things.mqtt.codec import MalformedPacket
from qlue.things.mqtt.owner import ConnectionOwner
from qlue.things.mqtt.tls import HANDSHAKE_S, SHUTDOWN_S, Certificate
from qlue.things.states import RefusalReason

PACKET_LIMIT = 64 * 1024  # bytes of one packet from a device
STRANGER_PACKET_LIMIT = 1024  # before it is authenticated: a CONNECT is short
CONNECT_WITHIN_S = 10.0
# Messages of one device that may wait to be stored; beyond, it is no longer read and TCP holds it back.
WINDOW = 256
WINDOW_BYTES = 256 * 1024
LONGEST_SILENCE_S = 3600.0  # of a device that asks for no keep-alive
LONGEST_PACKET_S = 30.0  # from its first byte to its last
LONGEST_BLOCKED_S = 30.0  # of a device that does not take its acknowledgements
WRITE_BUFFER = 64 * 1024  # bytes of answers that may wait for the device to take them
SLICE = 200  # packets of one connection before the others are read
RATE = 100  # packets a second that a device may send on and on; beyond, it is read no faster
BURST = 2_000  # packets that it may send at once, after an outage for example


class Connection(asyncio.Protocol):
    """Speaks MQTT with one device, within TLS where there is a certificate.

    `device` is None until its token has been found right. Times are of the monotonic clock, but `connect_at`.
    """

    def __init__(self, owner: "ConnectionOwner[Connection]", certificate: Certificate | None = None) -> None:
        self.owner, self.certificate = owner, certificate
        self.device: DeviceIdentity | None = None
        self.readings_topic = b""
        # When its CONNECT came, by the wall clock: a device that was changed later must sign in anew.
        self.connect_seen, self.connect_at = False, now()
        self.subscribed = False
        self.buffer = bytearray()
        self.keep_alive_s = CONNECT_WITHIN_S
        self.last_read = self.last_packet = time.monotonic()
        self.unstored = self.unstored_bytes = 0
        self.allowance = float(BURST)
        self.paused = self.ended = self.is_blocked = False
        self.sent_commands: dict[int, int] = {}  # packet id -> command id
        self.transport: asyncio.Transport

    # Called by asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=WRITE_BUFFER)
        self.address = rate_limit_key(str((self.transport.get_extra_info("peername") or ("",))[0]))
        self.owner.on_connect(self)
        if self.certificate and not self.ended:
            self.owner.spawn(self.start_tls(self.certificate))

    async def start_tls(self, certificate: Certificate) -> None:
        """Puts TLS between; what the device sent meanwhile is read afterwards."""
        loop = asyncio.get_running_loop()
        try:
            secure_transport = await loop.start_tls(
                self.transport,
                self,
                certificate.context,
                server_side=True,
                ssl_handshake_timeout=HANDSHAKE_S,
                ssl_shutdown_timeout=SHUTDOWN_S,
            )
        except OSError:  # ssl.SSLError and ConnectionError are
            secure_transport = None
        if secure_transport is None or self.ended:
            self.end(RefusalReason.TLS)
            # start_tls has taken the plain transport away, so asyncio does not call this.
            return self.connection_lost(None)
        self.certificate = None
        self.transport = secure_transport
        self.transport.set_write_buffer_limits(high=WRITE_BUFFER)
        if self.buffer:
            self.read_packets()
        return None

    def connection_lost(self, error: Exception | None) -> None:
        if self.device and not self.ended:
            self.store_remaining_messages(self.device)
        self.ended = True
        self.owner.on_disconnect(self)

    def store_remaining_messages(self, device: DeviceIdentity) -> None:
        """What came whole before the device left is stored too, though nobody receives the acknowledgement."""
        at = 0
        try:
            while packet := codec.next_packet(self.buffer, at, PACKET_LIMIT):
                first, begins, at = packet
                if first >> 4 == codec.PUBLISH:
                    self.on_publish(first, bytes(self.buffer[begins:at]))
        except MalformedPacket as fault:
            self.owner.count_refusal(device, str(fault), 1)
        self.buffer.clear()

    def data_received(self, data: bytes) -> None:
        self.last_read = time.monotonic()
        self.buffer += data
        # With a certificate these bytes wait for the handshake; they are read by start_tls.
        if self.certificate is None:
            self.read_packets()

    def pause_writing(self) -> None:
        """The device does not take our answers, so it is not read any further either."""
        self.is_blocked, self.last_read = True, time.monotonic()
        self.pause()

    def resume_writing(self) -> None:
        self.is_blocked = False
        self.resume_if_allowed()

    def read_packets(self) -> None:
        """Takes whole packets off the buffer; the rest waits for more bytes, or until reading may go on."""
        # Between CONNECT and its answer nothing is read: whose messages would they be?
        if self.connect_seen and self.device is None:
            return
        at, left = 0, SLICE
        try:
            # Another protocol is known by its first byte; it need not send a whole packet.
            if self.device is None and self.buffer[0] != codec.CONNECT << 4:
                raise MalformedPacket("order")
            while left and self.may_read() and (packet := codec.next_packet(self.buffer, at, self.packet_limit)):
                first, begins, at = packet
                self.on_packet(first, bytes(self.buffer[begins:at]))
                self.last_packet, left = self.last_read, left - 1
        except MalformedPacket as fault:
            self.end(str(fault))
        del self.buffer[:at]
        if not self.buffer:
            self.last_packet = self.last_read
        if not left and self.may_read():
            # A hundred thousand pings in one read must not hold up the others.
            self.pause()
            asyncio.get_running_loop().call_soon(self.resume_if_allowed)

    def may_read(self) -> bool:
        return not (self.ended or self.paused)

    @property
    def packet_limit(self) -> int:
        return PACKET_LIMIT if self.device else STRANGER_PACKET_LIMIT

    # Packets of the device

    def on_packet(self, first: int, body: bytes) -> None:
        kind = first >> 4
        self.allowance -= 1
        if self.allowance <= 0:
            self.pause()
        if kind == codec.PUBLISH and self.device:
            return self.on_publish(first, body)
        codec.check_flags(first)
        # CONNECT comes first, and only once.
        if (kind == codec.CONNECT) is bool(self.device):
            raise MalformedPacket("order")
        if kind == codec.CONNECT:
            return self.on_connect_packet(body)
        return self.on_other_packet(kind, body)

    def on_connect_packet(self, body: bytes) -> None:
        if self.connect_seen:
            raise MalformedPacket("order")
        packet = codec.decode_connect(body)
        self.connect_seen, self.connect_at = True, now()
        if packet.level != codec.PROTOCOL_LEVEL:
            return self.refuse(codec.BAD_PROTOCOL_LEVEL, RefusalReason.LEVEL)
        # One and a half times the keep-alive, as the standard says (3.1.2.10).
        self.keep_alive_s = packet.keep_alive * 1.5 or LONGEST_SILENCE_S
        self.transport.pause_reading()
        self.paused = True
        self.owner.authenticate(self, packet)
        return None

    def on_publish(self, first: int, body: bytes) -> None:
        packet = codec.decode_publish(first, body)
        if packet.topic.encode() != self.readings_topic:
            return self.end(RefusalReason.TOPIC)
        if packet.qos == 2:
            return self.end(RefusalReason.QOS2)
        self.unstored += 1
        self.unstored_bytes += len(packet.payload)
        self.owner.enqueue(self, packet.packet_id, packet.payload)
        if self.unstored >= WINDOW or self.unstored_bytes >= WINDOW_BYTES or self.owner.is_full():
            self.pause()
        return None

    def on_other_packet(self, kind: int, body: bytes) -> None:
        if kind == codec.PINGREQ:
            self.send(codec.PINGRESP_BYTES)
        elif kind == codec.DISCONNECT:
            self.ended = True
            self.transport.close()
        elif kind == codec.PUBACK:
            # An unknown packet id counts as command 0, which is none.
            self.owner.on_command_acknowledged(self.sent_commands.pop(codec.decode_packet_id(body), 0))
        elif kind == codec.SUBSCRIBE:
            self.on_subscribe(body)
        elif kind == codec.UNSUBSCRIBE:
            self.subscribed = False
            self.send(codec.encode_unsuback(codec.decode_packet_id(body)))
        else:
            raise MalformedPacket("order")

    def on_subscribe(self, body: bytes) -> None:
        assert self.device
        packet_id, topics = codec.decode_subscribe(body)
        commands_topic = self.device.commands_topic
        return_codes = [min(qos, 1) if topic == commands_topic else codec.SUBSCRIBE_FAILURE for topic, qos in topics]
        self.send(codec.encode_suback(packet_id, return_codes))
        if any(topic == commands_topic for topic, _qos in topics):
            self.subscribed = True
            self.owner.on_subscribed(self)
        else:
            self.owner.count_refusal(self.device, RefusalReason.TOPIC, 1)

    # Called by the owner

    def send(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)

    def accept(self, device: DeviceIdentity) -> None:
        """The token is right."""
        if self.ended:
            return
        self.device, self.readings_topic = device, device.readings_topic.encode()
        self.send(codec.encode_connack(codec.ACCEPTED))
        self.resume()

    def refuse(self, code: int, reason: str) -> None:
        if not self.ended:
            self.send(codec.encode_connack(code))
            self.end(reason)

    def on_stored(self, packet_ids: list[int | None], size: int) -> None:
        """These messages, `size` bytes in all, are on the disk: acknowledges them and reads on."""
        self.unstored -= len(packet_ids)
        self.unstored_bytes -= size
        if self.ended:
            return
        self.send(b"".join(codec.encode_puback(packet_id) for packet_id in packet_ids if packet_id))
        self.resume_if_allowed()

    def refill_allowance(self, seconds: float) -> None:
        """So much time has passed (a token bucket); a device that had used up its allowance is read again."""
        if self.allowance <= 0 and self.device:
            self.owner.count_refusal(self.device, RefusalReason.FLOOD, 1)
        self.allowance = min(self.allowance + RATE * seconds, BURST)
        self.resume_if_allowed()

    def send_command(self, command_id: int, payload: bytes) -> None:
        """Publishes one command with QoS 1."""
        assert self.device
        packet_id = (max(self.sent_commands, default=0) % 65_535) + 1
        self.sent_commands[packet_id] = command_id
        self.send(codec.encode_publish(codec.PublishPacket(self.device.commands_topic, payload, 1, packet_id)))

    def pause(self) -> None:
        if not self.paused and not self.ended:
            self.paused = True
            self.transport.pause_reading()

    def resume_if_allowed(self) -> None:
        # Half of the window: resuming at its very edge would pause again after each message.
        has_room = self.unstored < WINDOW // 2 and self.unstored_bytes < WINDOW_BYTES // 2
        if self.device and has_room and self.allowance > 0 and not self.is_blocked:
            self.resume()

    def resume(self) -> None:
        if self.paused and not self.ended:
            self.paused = False
            self.transport.resume_reading()
            # What lies in the buffer already brings no data_received.
            self.read_packets()

    def is_overdue(self, moment: float) -> bool:
        """Silent for too long, or too slow with a packet; not while we ourselves hold it up."""
        if self.is_blocked:
            return moment - self.last_read > LONGEST_BLOCKED_S
        if self.paused:
            self.last_read = self.last_packet = moment
            return False
        longest_silence = self.keep_alive_s if self.device else CONNECT_WITHIN_S
        is_silent = moment - self.last_read > longest_silence
        return is_silent or (bool(self.buffer) and moment - self.last_packet > LONGEST_PACKET_S)

    def end(self, reason: str) -> None:
        """Closes the connection; the reason is counted where an operator sees it."""
        if self.ended:
            return
        self.ended = True
        self.owner.on_rejected(self, reason)
        # A peer that takes nothing, or whose handshake is not over, would never see a polite end.
        self.transport.abort() if self.is_blocked or self.certificate else self.transport.close()
