"""One device on the line: who it is, what it may, and how much of it may wait to be stored."""

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING, cast

from qlue.kit.callers import rate_limit_key
from qlue.kit.clock import now
from qlue.things.intake.known import Known
from qlue.things.mqtt import codec
from qlue.things.mqtt.codec import Malformed
from qlue.things.mqtt.tls import GOODBYE_S, HANDSHAKE_S, Certificate

if TYPE_CHECKING:
    from qlue.things.mqtt.listener import Listener, Message

LIMIT = 64 * 1024  # bytes of one packet from a device
STRANGER_LIMIT = 1024  # of a packet from somebody who has not said who it is
CONNECT_WITHIN_S = 10.0
WINDOW = 256  # messages of one device that may wait to be stored, then it is no longer read
WINDOW_BYTES = 256 * 1024
LONGEST_SILENCE_S = 3600.0  # of a device that asks for no keep-alive
LONGEST_PACKET_S = 30.0  # from its first byte to its last
LONGEST_DEAF_S = 30.0  # of a device that does not take its acknowledgements
SLICE = 200  # packets of one line before the others are read
RATE = 100  # packets a second that a device may send on and on; beyond it is read no faster
BURST = 2_000  # packets that it may send at once, after an outage for example


class Connection(asyncio.Protocol):
    """Speaks MQTT with one device, within TLS where there is a certificate.

    `known` is None until its token has been found right; `queue` is what waits to be stored.
    """

    def __init__(self, listener: "Listener", certificate: Certificate | None = None) -> None:
        self.listener, self.certificate = listener, certificate
        self.known: Known | None = None
        self.asked, self.asked_at = False, now()
        self.subscribed = False
        self.buffer = bytearray()
        self.topic = b""
        self.silence = CONNECT_WITHIN_S
        self.heard = self.whole = time.monotonic()
        self.waiting = self.waiting_bytes = 0
        self.allowance = float(BURST)
        self.queue: deque[Message] = deque()
        self.paused = self.ended = self.is_deaf = False
        self.commands: dict[int, int] = {}  # packet id -> command
        self.transport: asyncio.Transport

    # What asyncio tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=64 * 1024)
        self.address = rate_limit_key(str((self.transport.get_extra_info("peername") or ("",))[0]))
        self.listener.came(self)
        if self.certificate and not self.ended:
            self.listener.spawn(self.shake_hands(self.certificate))

    async def shake_hands(self, certificate: Certificate) -> None:
        """Puts TLS between; what the device said meanwhile is read afterwards."""
        loop, plain = asyncio.get_running_loop(), self.transport
        try:
            within = await loop.start_tls(
                plain, self, certificate.context, server_side=True, ssl_handshake_timeout=HANDSHAKE_S,
                ssl_shutdown_timeout=GOODBYE_S,
            )  # fmt: skip
        except OSError:  # ssl.SSLError and ConnectionError are
            within = None
        if within is None or self.ended:
            self.end("tls")
            return self.connection_lost(None)  # nobody else tells us
        self.certificate = None
        self.transport = within
        self.transport.set_write_buffer_limits(high=64 * 1024)
        if self.buffer:
            self.read()
        return None

    def connection_lost(self, error: Exception | None) -> None:
        if self.known and not self.ended:
            self.last_words(self.known)
        self.ended = True
        self.listener.went(self)

    def last_words(self, known: Known) -> None:
        """What came whole before it left is stored too, though nobody hears that it is."""
        at = 0
        try:
            while found := codec.next_packet(self.buffer, at, LIMIT):
                first, begins, at = found
                if first >> 4 == codec.PUBLISH:
                    self.publish(first, bytes(self.buffer[begins:at]))
        except Malformed as bad:
            self.listener.note(known, str(bad), 1)
        self.buffer.clear()

    def data_received(self, data: bytes) -> None:
        self.heard = time.monotonic()
        self.buffer += data
        if self.certificate is None:
            self.read()

    def pause_writing(self) -> None:
        """It does not take what we answer, so it is not read any further either."""
        self.is_deaf, self.heard = True, time.monotonic()
        self.pause()

    def resume_writing(self) -> None:
        self.is_deaf = False
        self.go_on_if_it_may()

    def read(self) -> None:
        """Takes whole packets off the buffer; the rest waits for more bytes, or until it may go on."""
        if self.asked and self.known is None:
            return
        at, left = 0, SLICE
        try:
            if self.known is None and self.buffer[0] != codec.CONNECT << 4:
                raise Malformed("order")  # whatever it is, it is not MQTT
            while left and self.is_read() and (found := codec.next_packet(self.buffer, at, self.limit)):
                first, begins, at = found
                self.packet(first, bytes(self.buffer[begins:at]))
                self.whole, left = self.heard, left - 1
        except Malformed as bad:
            self.end(str(bad))
        del self.buffer[:at]
        if not self.buffer:
            self.whole = self.heard
        if not left and self.is_read():
            self.pause()  # a hundred thousand pings in one read must not hold up the others
            asyncio.get_running_loop().call_soon(self.go_on_if_it_may)

    def is_read(self) -> bool:
        return not (self.ended or self.paused)

    @property
    def limit(self) -> int:
        return LIMIT if self.known else STRANGER_LIMIT

    # What the device says

    def packet(self, first: int, body: bytes) -> None:
        kind = first >> 4
        self.allowance -= 1
        if self.allowance <= 0:
            self.pause()
        if kind == codec.PUBLISH and self.known:
            return self.publish(first, body)
        codec.check_flags(first)
        if (kind == codec.CONNECT) is bool(self.known):
            raise Malformed("order")
        if kind == codec.CONNECT:
            return self.connect(body)
        return self.other(kind, body)

    def connect(self, body: bytes) -> None:
        if self.asked:
            raise Malformed("order")
        said = codec.read_connect(body)
        self.asked, self.asked_at = True, now()
        if said.level != codec.LEVEL:
            return self.refuse(codec.WRONG_LEVEL, "level")
        self.silence = said.keep_alive * 1.5 or LONGEST_SILENCE_S
        self.transport.pause_reading()
        self.paused = True
        self.listener.ask_who(self, said)
        return None

    def publish(self, first: int, body: bytes) -> None:
        said = codec.read_publish(first, body)
        if said.topic.encode() != self.topic:
            return self.end("topic")
        if said.qos == 2:
            return self.end("qos2")
        self.waiting += 1
        self.waiting_bytes += len(said.payload)
        self.listener.take(self, said.packet_id, said.payload)
        if self.waiting >= WINDOW or self.waiting_bytes >= WINDOW_BYTES or self.listener.is_full():
            self.pause()
        return None

    def other(self, kind: int, body: bytes) -> None:
        if kind == codec.PINGREQ:
            self.say(codec.PINGRESP_BYTES)
        elif kind == codec.DISCONNECT:
            self.ended = True
            self.transport.close()
        elif kind == codec.PUBACK:
            self.listener.heard_command(self.commands.pop(codec.read_id(body), 0))
        elif kind == codec.SUBSCRIBE:
            self.subscribe(body)
        elif kind == codec.UNSUBSCRIBE:
            self.subscribed = False
            self.say(codec.unsuback(codec.read_id(body)))
        else:
            raise Malformed("order")

    def subscribe(self, body: bytes) -> None:
        assert self.known
        packet_id, topics = codec.read_subscribe(body)
        own = self.known.commands
        granted = [min(qos, 1) if topic == own else codec.REFUSED_TOPIC for topic, qos in topics]
        self.say(codec.suback(packet_id, granted))
        if any(topic == own for topic, _qos in topics):
            self.subscribed = True
            self.listener.wants_commands(self)
        elif self.known:
            self.listener.note(self.known, "topic", 1)

    # What the listener says

    def say(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)

    def welcome(self, known: Known) -> None:
        """The token is right."""
        if self.ended:
            return
        self.known, self.topic = known, known.topic.encode()
        self.say(codec.connack(codec.ACCEPTED))
        self.go_on()

    def refuse(self, code: int, reason: str) -> None:
        if not self.ended:
            self.say(codec.connack(code))
            self.end(reason)

    def stored(self, packet_ids: list[int | None], size: int) -> None:
        """These messages are on the disk: say so, and read on."""
        self.waiting -= len(packet_ids)
        self.waiting_bytes -= size
        if self.ended:
            return
        self.say(b"".join(codec.puback(number) for number in packet_ids if number))
        self.go_on_if_it_may()

    def allow_more(self, seconds: float) -> None:
        """Time has passed; who had sent more than it may is read again."""
        if self.allowance <= 0 and self.known:
            self.listener.note(self.known, "flood", 1)
        self.allowance = min(self.allowance + RATE * seconds, BURST)
        self.go_on_if_it_may()

    def command(self, command_id: int, payload: bytes) -> None:
        """Publishes one command with QoS 1."""
        assert self.known
        number = (max(self.commands, default=0) % 65_535) + 1
        self.commands[number] = command_id
        self.say(codec.publish(codec.Publish(self.known.commands, payload, 1, number)))

    def pause(self) -> None:
        if not self.paused and not self.ended:
            self.paused = True
            self.transport.pause_reading()

    def go_on_if_it_may(self) -> None:
        is_light = self.waiting < WINDOW // 2 and self.waiting_bytes < WINDOW_BYTES // 2
        if self.known and is_light and self.allowance > 0 and not self.is_deaf:
            self.go_on()

    def go_on(self) -> None:
        if self.paused and not self.ended:
            self.paused = False
            self.transport.resume_reading()
            self.read()

    def is_overdue(self, moment: float) -> bool:
        """Silent for too long, or too slow with a packet; not while we ourselves hold it up."""
        if self.is_deaf:
            return moment - self.heard > LONGEST_DEAF_S
        if self.paused:
            self.heard = self.whole = moment
            return False
        silence = self.silence if self.known else CONNECT_WITHIN_S
        return moment - self.heard > silence or (bool(self.buffer) and moment - self.whole > LONGEST_PACKET_S)

    def end(self, reason: str) -> None:
        """Closes the line; the reason is counted where an operator sees it."""
        if self.ended:
            return
        self.ended = True
        self.listener.turned_away(self, reason)
        self.transport.abort() if self.is_deaf or self.certificate else self.transport.close()
