# SPDX-License-Identifier: GPL-2.0-or-later
"""A client that means harm: what it sends is seeded, so that a finding can be had again.

    python3 -m lac.hostile --server ADDRESS [--seed N] [--sources NETWORK] WHAT...
      flood COUNT           junk, and real messages with bits flipped, cut, grown and lied about, inside live conversations
      half-open COUNT       calls that are never confirmed
      states                every message in every state of a tunnel and a session
      churn COUNT           calls in one tunnel that are hung up at once
      windows               more than any window allows, and never an acknowledgement
      steal TUNNEL SESSION  messages into somebody else's tunnel, to its own port as well

With --sources every call comes from another address of that network, which has to be routed to this host.  At the end it
says how much was sent and answered; how the server took it is for the scenario to see."""
import argparse
import ipaddress
import random
import select
import socket
import struct
import sys
import time

from . import wire

IP_PKTINFO = 8  # missing in the module of Python 3.11
ANSWER_S, TRIES = 2.0, 8  # for an answer that has to come


def kind(number):
    return wire.avp(wire.MESSAGE_TYPE, number)


def sccrq(tunnel, window=4):
    return (kind(wire.SCCRQ) + wire.avp(wire.PROTOCOL_VERSION, 0x0100) + wire.avp(wire.FRAMING_CAPABILITIES, wire.u32(3))
            + wire.avp(wire.BEARER_CAPABILITIES, wire.u32(0)) + wire.avp(wire.TIE_BREAKER, b"8 bytes.", mandatory=False)
            + wire.avp(wire.HOST_NAME, "hostile") + wire.avp(wire.VENDOR_NAME, "nobody", mandatory=False)
            + wire.avp(wire.ASSIGNED_TUNNEL, tunnel) + wire.avp(wire.RECEIVE_WINDOW, window))


def icrq(session):
    return (kind(wire.ICRQ) + wire.avp(wire.ASSIGNED_SESSION, session) + wire.avp(wire.CALL_SERIAL, wire.u32(session))
            + wire.avp(wire.BEARER_TYPE, wire.u32(2)))


def cdn(session):
    return kind(wire.CDN) + wire.avp(wire.RESULT_CODE, wire.u32(0x00020006) + b"no reason") + wire.avp(wire.ASSIGNED_SESSION, session)


def stopccn(tunnel):
    return kind(wire.STOPCCN) + wire.avp(wire.ASSIGNED_TUNNEL, tunnel) + wire.avp(wire.RESULT_CODE, wire.u32(0x00010000))


def every_message(tunnel, session):
    """One good message of each type, and two of types that do not exist, mandatory and not."""
    speed = wire.avp(wire.TX_SPEED, wire.u32(1000000)) + wire.avp(wire.FRAMING_TYPE, wire.u32(1))
    capabilities = wire.avp(wire.PROTOCOL_VERSION, 0x0100) + wire.avp(wire.FRAMING_CAPABILITIES, wire.u32(3))
    return {
        wire.SCCRQ: sccrq(tunnel),
        wire.SCCRP: kind(wire.SCCRP) + capabilities + wire.avp(wire.HOST_NAME, "hostile") + wire.avp(wire.ASSIGNED_TUNNEL, tunnel),
        wire.SCCCN: kind(wire.SCCCN),
        wire.STOPCCN: stopccn(tunnel),
        wire.HELLO: kind(wire.HELLO),
        wire.OCRQ: kind(wire.OCRQ) + wire.avp(wire.ASSIGNED_SESSION, session) + wire.avp(wire.CALL_SERIAL, wire.u32(1))
        + wire.avp(16, wire.u32(1)) + wire.avp(17, wire.u32(9)) + wire.avp(wire.BEARER_TYPE, wire.u32(2))
        + wire.avp(wire.FRAMING_TYPE, wire.u32(1)) + wire.avp(21, "5551212"),
        wire.OCRP: kind(wire.OCRP) + wire.avp(wire.ASSIGNED_SESSION, session),
        wire.OCCN: kind(wire.OCCN) + speed,
        wire.ICRQ: icrq(session),
        wire.ICRP: kind(wire.ICRP) + wire.avp(wire.ASSIGNED_SESSION, session),
        wire.ICCN: kind(wire.ICCN) + speed + wire.avp(27, b"\1\4\5\6", mandatory=False) + wire.avp(29, 2, mandatory=False)
        + wire.avp(30, "alice", mandatory=False) + wire.avp(33, b"secret", mandatory=False),
        wire.CDN: cdn(session),
        wire.WEN: kind(wire.WEN) + wire.avp(34, bytes(26)),
        wire.SLI: kind(wire.SLI) + wire.avp(35, bytes(10)),
        5: kind(5),
        99: wire.avp(wire.MESSAGE_TYPE, 99, mandatory=False),
    }


class Call:
    """A conversation as its one end sees it: knows the numbers, promises nothing."""

    def __init__(self, source, tunnel):
        self.source, self.tunnel, self.session = source, tunnel, 1 + tunnel % 0xfff0
        self.peer = self.peer_session = self.ns = self.nr = 0
        self.heard = self.over = False

    def packet(self, body, session=0):
        packet = wire.control(self.peer, session, self.ns, self.nr, body)
        self.ns = self.ns + 1 & 0xffff
        return packet

    def hear(self, message):
        self.heard = True
        if message.kind:
            self.nr = message.ns + 1 & 0xffff
        if message.kind == wire.SCCRP:
            self.peer = wire.number(message.avps, wire.ASSIGNED_TUNNEL) or 0
        elif message.kind == wire.ICRP:
            self.peer_session = wire.number(message.avps, wire.ASSIGNED_SESSION) or 0
        elif message.kind == wire.STOPCCN:
            self.over = True
        elif message.kind == wire.CDN:
            self.peer_session = 0


class Hostile:
    def __init__(self, options):
        self.rng = random.Random(options.seed)
        self.server = (options.server, 1701)
        self.sources = options.sources and list(ipaddress.ip_network(options.sources))[1:-1]
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("", options.port))
        self.calls = {}  # by our tunnel id
        self.next_tunnel = 0
        self.sent = self.heard = self.failed = 0

    def call(self):
        self.next_tunnel = self.next_tunnel % 0xffff + 1
        source = self.sources and self.sources[self.next_tunnel % len(self.sources)].packed
        call = self.calls[self.next_tunnel] = Call(source, self.next_tunnel)
        return call

    def send(self, packet, source=None, port=1701):
        control = [(socket.IPPROTO_IP, IP_PKTINFO, struct.pack("=I4s4x", 0, source))] if source else []
        try:
            self.socket.sendmsg([packet], control, 0, (self.server[0], port))
            self.sent += 1
        except OSError:  # no SA for a moment, or an ICMP error
            self.failed += 1

    def say(self, call, body, session=0):
        self.send(call.packet(body, session), call.source)

    def listen(self, seconds=0.0):
        """Takes what has come; waits for the first."""
        while select.select([self.socket], [], [], seconds)[0]:
            seconds = 0
            try:
                message = wire.parse(self.socket.recv(4096))
            except (OSError, ValueError):
                continue
            self.heard += 1
            call = self.calls.get(message.tunnel)
            if call and isinstance(message, wire.Control):
                call.hear(message)

    def ask(self, call, body, answered, session=0):
        """Says it until it is answered: True, or False after a while."""
        packet = call.packet(body, session)
        for _ in range(TRIES):
            self.send(packet, call.source)
            end = time.monotonic() + ANSWER_S
            while time.monotonic() < end:
                self.listen(0.1)
                if answered():
                    return True
                if call.over:
                    return False
        return False

    def reach(self, call, state):
        """Brings a new call to the state, as a good client would."""
        if state == "none":
            return True
        if not self.ask(call, sccrq(call.tunnel), lambda: call.peer):
            return False
        if state == "wait-connect":
            return True
        self.say(call, kind(wire.SCCCN))
        if state == "up":
            return True
        if not self.ask(call, icrq(call.session), lambda: call.peer_session):
            return False
        if state == "session up":
            self.say(call, kind(wire.ICCN) + wire.avp(wire.TX_SPEED, wire.u32(1)) + wire.avp(wire.FRAMING_TYPE, wire.u32(1)),
                     call.peer_session)
        return True

    def mutate(self, packet):
        """The same, and not quite."""
        rng, packet = self.rng, bytearray(packet)
        what, at = rng.randrange(6), rng.randrange(len(packet))
        if what == 0:
            packet[at] ^= 1 << rng.randrange(8)
        elif what == 1:
            del packet[at:]
        elif what == 2:
            packet[at:at] = rng.randbytes(1 + rng.randrange(16))
        elif what == 3:
            packet[at:at + 2] = rng.choice((b"\0\0", b"\0\5", b"\0\6", b"\3\xff", b"\x7f\xff", b"\xff\xff"))
        elif what == 4:
            packet += packet[at:]
        else:
            for _ in range(8):
                packet[rng.randrange(len(packet))] = rng.randrange(256)
        return packet

    def flood(self, count):
        """Three of four datagrams belong to a conversation as far as it gets; a good one keeps the SA."""
        keeper = self.call()
        self.reach(keeper, "up")
        call, until = None, 0
        for i in range(int(count)):
            if i % 16 == 0:
                self.listen()
                self.send(wire.control(keeper.peer, 0, keeper.ns, keeper.nr), keeper.source)
            if not call or call.over or i >= until:
                call, until = self.call(), i + 200
                self.say(call, sccrq(call.tunnel))
                self.listen(0.01)
                if call.peer:
                    self.say(call, kind(wire.SCCCN))
                    self.say(call, icrq(call.session))
                messages = list(every_message(call.tunnel, call.session).values())
            if i % 4 == 0:
                self.send(self.rng.randbytes(self.rng.randrange(1400)), call.source)
            else:
                packet = call.packet(self.rng.choice(messages), self.rng.choice((0, call.peer_session)))
                self.send(self.mutate(packet), call.source)

    def half_open(self, count):
        for i in range(int(count)):
            call = self.call()
            self.say(call, sccrq(call.tunnel))
            if i % 16 == 0:
                self.listen()
        self.listen(ANSWER_S)

    def states(self):
        reached = tried = 0
        for state in "none", "wait-connect", "up", "session wait-connect", "session up":
            for number in every_message(1, 1):
                call = self.call()
                tried += 1
                if not self.reach(call, state):
                    print(f"not reached: {state}, for message {number}", flush=True)
                    continue
                reached += 1
                self.say(call, every_message(call.tunnel, call.session)[number], call.peer_session)
                self.listen(0.1)
                self.say(call, stopccn(call.tunnel))
        print(f"states {reached} of {tried} reached", flush=True)

    def churn(self, count):
        call = self.call()
        self.reach(call, "up")
        for i in range(int(count)):
            call.session = i + 1
            self.say(call, icrq(call.session))
            self.say(call, cdn(call.session))
            if i % 4 == 0:
                self.listen(0.1)
                self.send(wire.control(call.peer, 0, call.ns, call.nr), call.source)

    def windows(self):
        for window in 0, 1, 0xffff:
            call = self.call()
            self.ask(call, sccrq(call.tunnel, window), lambda: call.peer)
            self.say(call, kind(wire.SCCCN))
            for session in range(1, 300):
                self.say(call, icrq(session))
            call.ns = call.ns + 0x7fff & 0xffff
            self.say(call, kind(wire.HELLO))
        self.listen(ANSWER_S)

    def steal(self, tunnel, session):
        """The first numbers of a tunnel are easily guessed: all of them are tried."""
        for port in 1701, int(tunnel):
            for ns in range(8):
                for nr in range(8):
                    for body, header_session in ((stopccn(1), 0), (cdn(1), int(session)), (kind(wire.HELLO), 0), (icrq(2), 0)):
                        self.send(wire.control(int(tunnel), header_session, ns, nr, body), port=port)
        self.listen(ANSWER_S)


def main():
    parser = argparse.ArgumentParser(prog="lac.hostile", description="a client that means harm")
    parser.add_argument("--server", required=True)
    parser.add_argument("--port", type=int, default=1701)
    parser.add_argument("--sources", metavar="NETWORK")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("what", choices=["flood", "half-open", "states", "churn", "windows", "steal"])
    parser.add_argument("numbers", nargs="*")
    options = parser.parse_args()
    hostile = Hostile(options)
    began = time.monotonic()
    getattr(hostile, options.what.replace("-", "_"))(*options.numbers)
    print(f"done {options.what}: {hostile.sent} sent, {hostile.failed} not, {hostile.heard} answers, seed {options.seed},"
          f" {time.monotonic() - began:.0f} s", flush=True)
    return 0


sys.exit(main())
