# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls an L2TP server the way a Windows client does, and says line by line what happened:

    tunnel up           peer tunnel 10001 host gw vendor strongswan-l2tp
    session up          peer session 1
    authenticated       mschapv2 S=...
    ppp up              10.20.0.10 dns 10.0.0.53
    took                0.4 s, 0 messages sent again
    echo                12 answered of 12, all with our own text
    call ended          result 3 error 0 the user is unknown
    sequence numbers    on 40 of 41, in order
    lost                3 of 812 echoes
    ended               by us | server: tunnel result 6 ... | the server does not answer

SIGTERM hangs up in order (CDN, StopCCN); SIGKILL is a client that vanishes.  Exit status: 0 hung up after everything
worked, 1 something did not.  Run as: python3 -m lac --server ADDRESS ... in tests/lab."""
import argparse
import os
import select
import signal
import socket
import sys
import time

from . import eap, wire
from .channel import Channel
from .ppp import Ppp


def arguments():
    parser = argparse.ArgumentParser(prog="lac", description="a scripted, Windows-like L2TP client")
    parser.add_argument("--server", required=True)
    parser.add_argument("--port", type=int, default=1701, help="our own UDP port; Windows uses 1701; 0: any")
    parser.add_argument("--tunnel-id", type=int, default=1, help="the id that we assign; Windows counts from 1")
    parser.add_argument("--session-id", type=int, default=1)
    parser.add_argument("--user", default="alice")
    parser.add_argument("--password", default="")
    parser.add_argument("--auth", default="mschapv2,chap,pap", help="methods we agree to, the favourite first")
    parser.add_argument("--second-password", help="tried when the first one is refused, if MS-CHAPv2 allows a second")
    parser.add_argument("--new-password", help="to change the password to, if it has expired")
    parser.add_argument("--eap", default="mschapv2", choices=eap.TYPES, help="the method in EAP, where --auth has eap")
    parser.add_argument("--eap-identity", help="what EAP tells at first, if not the user")
    for file in ("ca", "cert", "key"):
        parser.add_argument("--" + file, help="for EAP with TLS")
    parser.add_argument("--sequencing", action="store_true", help="require sequence numbers on data, and send them")
    parser.add_argument("--no-length", action="store_true", help="data messages without the length field")
    parser.add_argument("--retry", type=float, default=3, help="seconds until PPP sends something again")
    parser.add_argument("--lcp-first", action="store_true", help="PPP begins before ICCN, not behind it")
    parser.add_argument("--start-over", type=int, default=0, help="how often LCP begins anew when everything is up")
    parser.add_argument("--ping", metavar="ADDRESS", help="echo requests to there, with --text in them")
    parser.add_argument("--text", default="from the lac", help="the text that only this client sends")
    parser.add_argument("--size", type=int, default=0, help="length of these IPv4 packets; from SIGUSR1 on, a byte more")
    parser.add_argument("--mru", type=int, default=1400, help="the longest packet that we want to get")
    parser.add_argument("--roam", action="store_true", help="our own address may change, or be gone for a while")
    parser.add_argument("--count", type=int, default=0, help="how many, then hang up; 0: until SIGTERM")
    parser.add_argument("--interval", type=float, default=0.2)
    parser.add_argument("--give-up", type=float, default=60, help="seconds until ppp has to be up")
    return parser.parse_args()


class Client:
    def __init__(self, options):
        self.options = options
        self.socket = self.open()
        self.channel = Channel(options.tunnel_id)
        self.ppp = Ppp(options.user, options.password, options.auth.split(","), options.mru, options.retry, new_eap=self.new_eap,
                       second_password=options.second_password, new_password=options.new_password)
        self.peer_session = 0
        self.sent = self.answered = 0
        self.last_answered = 0     # what was sent before this one and not answered is lost
        self.data_ns = 0           # of the next data message, when we send sequence numbers
        self.numbered = []         # the numbers that came on data, None for each without
        self.next_ping = None
        self.start_over = options.start_over
        self.began = 0.0
        self.stopping = self.ended = False
        self.failed = False

    def open(self):
        """A socket, from the address that this host has now."""
        family, _, _, _, server = socket.getaddrinfo(self.options.server, 1701, type=socket.SOCK_DGRAM)[0]
        opened = socket.socket(family, socket.SOCK_DGRAM)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(("", self.options.port))
        opened.connect(server)
        opened.setblocking(False)
        return opened

    def trouble(self, error):
        """A route from an address that is gone is no route: who roams takes the one that it has now."""
        if not self.options.roam:
            self.say("socket", error.strerror)
            return
        try:
            opened = self.open()
        except OSError:
            return # there is none yet
        self.socket.close()
        self.socket = opened

    def new_eap(self):
        options = self.options
        return eap.Peer(options.user.encode(), options.password.encode(), options.eap, (options.eap_identity or "").encode(),
                        {"ca": options.ca, "cert": options.cert, "key": options.key})

    def say(self, what, text=""):
        print(f"{what:<18}  {text}".rstrip(), flush=True)

    def end(self, text, failed=True):
        if not self.ended:
            self.ended = True
            self.failed = failed
            self.say("ended", text)

    def call(self, now):
        self.channel.send(now, wire.avp(wire.MESSAGE_TYPE, wire.SCCRQ)
                          + wire.avp(wire.PROTOCOL_VERSION, 0x0100)
                          + wire.avp(wire.FRAMING_CAPABILITIES, wire.u32(1))
                          + wire.avp(wire.BEARER_CAPABILITIES, wire.u32(0))
                          + wire.avp(wire.FIRMWARE, 0x0a00, mandatory=False)
                          + wire.avp(wire.HOST_NAME, "DESKTOP-LAB")
                          + wire.avp(wire.VENDOR_NAME, "Microsoft", mandatory=False)
                          + wire.avp(wire.ASSIGNED_TUNNEL, self.options.tunnel_id)
                          + wire.avp(wire.RECEIVE_WINDOW, 8))

    def control(self, now, message):
        kind, avps = message.kind, message.avps
        if kind == wire.SCCRP:
            self.channel.peer_tunnel = wire.number(avps, wire.ASSIGNED_TUNNEL) or 0
            self.say("tunnel up", f"peer tunnel {self.channel.peer_tunnel} host {avps.get(wire.HOST_NAME, b'').decode(errors='replace')}"
                     f" vendor {avps.get(wire.VENDOR_NAME, b'').decode(errors='replace')}")
            self.channel.send(now, wire.avp(wire.MESSAGE_TYPE, wire.SCCCN))
            # Windows puts a Result Code where RFC 2661 has none.
            self.channel.send(now, wire.avp(wire.MESSAGE_TYPE, wire.ICRQ)
                              + wire.avp(wire.RESULT_CODE, wire.u32(0))
                              + wire.avp(wire.ASSIGNED_SESSION, self.options.session_id)
                              + wire.avp(wire.CALL_SERIAL, wire.u32(0))
                              + wire.avp(wire.BEARER_TYPE, wire.u32(2)))
        elif kind == wire.ICRP:
            self.peer_session = wire.number(avps, wire.ASSIGNED_SESSION) or 0
            if self.options.lcp_first:
                self.ppp.start(now)
                self.flush()
            self.say("session up", f"peer session {self.peer_session}")
            self.channel.send(now, wire.avp(wire.MESSAGE_TYPE, wire.ICCN)
                              + wire.avp(wire.TX_SPEED, wire.u32(100000000))
                              + wire.avp(wire.FRAMING_TYPE, wire.u32(1))
                              + (wire.avp(wire.SEQUENCING_REQUIRED, b"") if self.options.sequencing else b""), self.peer_session)
            # PPP begins right behind ICCN, without waiting for its acknowledgement.
            if not self.options.lcp_first:
                self.ppp.start(now)
        elif kind == wire.CDN:
            # A client with one call has no use for the tunnel without it.
            self.say("call ended", wire.result(avps))
            self.failed |= not self.stopping
            self.peer_session = 0
            self.hang_up(now)
        elif kind == wire.STOPCCN:
            self.end("server: tunnel " + wire.result(avps), failed=not self.stopping)
        if kind:
            self.channel.acknowledge()

    def packet(self, now, packet):
        try:
            message = wire.parse(packet)
        except ValueError as error:
            self.say("unreadable", str(error))
            return
        if message.tunnel not in (self.options.tunnel_id, 0):
            self.say("foreign packet", f"for tunnel {message.tunnel}")
            self.failed = True
        elif isinstance(message, wire.Data):
            if message.session != self.options.session_id:
                self.say("foreign packet", f"for session {message.session}")
                self.failed = True
            else:
                self.numbered.append(message.ns)
                self.ppp.receive(now, message.payload)
        else:
            fresh = self.channel.receive(now, message)
            if fresh:
                self.control(now, fresh)

    def events(self, now):
        for what, *details in self.ppp.events():
            if what == "authenticated":
                self.say("authenticated", details[0])
            elif what == "up":
                self.say("ppp up", details[0] + (f" dns {details[1]}" if details[1] else ""))
                self.say("took", f"{now - self.began:.1f} s, {self.channel.again} messages sent again")
                self.next_ping = now if self.options.ping else None
                if self.start_over:
                    self.start_over -= 1
                    self.ppp.start_over(now)
            elif what == "echo":
                self.echo(*details)
            elif what == "failed":
                self.say("ppp failed", details[0])
                self.failed = True
                self.hang_up(now)
            elif what == "closed":
                self.say("ppp closed", details[0])
                self.failed |= not self.stopping
                self.hang_up(now)

    def echo(self, sequence, payload, source):
        if payload != self.text(sequence).ljust(len(payload), b".") or source != self.options.ping:
            self.say("foreign echo", f"from {source}: {payload.decode(errors='replace')}")
            self.failed = True
            return
        self.answered += 1
        self.last_answered = max(self.last_answered, sequence)
        if self.answered % 10 == 0 or self.answered == self.options.count:
            self.say("echo", f"{self.answered} answered of {self.sent}, all with our own text")
        if self.answered == self.options.count:
            self.hang_up(time.monotonic())

    def text(self, sequence):
        return f"{self.options.text} {sequence}".encode()

    def hang_up(self, now):
        """In order: the call, then the tunnel."""
        if self.stopping:
            return
        self.stopping = True
        if self.peer_session:
            self.channel.send(now, wire.avp(wire.MESSAGE_TYPE, wire.CDN) + wire.avp(wire.RESULT_CODE, 3)
                              + wire.avp(wire.ASSIGNED_SESSION, self.options.session_id), self.peer_session)
        self.channel.send(now, wire.avp(wire.MESSAGE_TYPE, wire.STOPCCN)
                          + wire.avp(wire.ASSIGNED_TUNNEL, self.options.tunnel_id) + wire.avp(wire.RESULT_CODE, 6))

    def run(self):
        now = self.began = time.monotonic()
        deadline = now + self.options.give_up
        self.call(now)
        while not self.ended:
            self.flush()
            ready, _, _ = select.select([self.socket, STOP], [], [], self.patience(now))
            now = time.monotonic()
            if STOP in ready:
                os.read(STOP, 16)
                self.hang_up(now)
            if self.socket in ready:
                self.read(now)
            self.channel.tick(now)
            self.ppp.tick(now)
            if self.next_ping is not None and now >= self.next_ping and not self.stopping:
                self.sent += 1
                self.ppp.ping(socket.inet_aton(self.options.ping), self.sent & 0xffff,
                              self.text(self.sent & 0xffff).ljust(self.options.size + len(LONGER) - 28, b"."))
                self.next_ping = now + self.options.interval
            self.events(now)
            if self.stopping and not self.channel.waiting:
                self.end("by us", failed=self.failed)
            if self.channel.dead:
                self.end("the server does not answer")
            if self.ppp.address is None and now > deadline:
                self.end(f"ppp was not up after {self.options.give_up:g} s")
        self.flush()
        self.say_numbers()
        if self.options.ping:
            self.say("lost", f"{self.last_answered - self.answered} of {self.last_answered} echoes")
        return 1 if self.failed else 0

    def patience(self, now):
        """Seconds until something is due; many of us may run on one machine, so nobody looks in vain."""
        times = [self.channel.next_try, self.ppp.next_try(), None if self.stopping else self.next_ping]
        return max(0.001, min([time - now for time in times if time is not None] + [1.0]))

    def read(self, now):
        while True:
            try:
                self.packet(now, self.socket.recv(4096))
            except BlockingIOError:
                return
            except OSError as error:
                self.trouble(error)
                return

    def data(self, frame):
        # A LAC does as the LNS does (RFC 2661 5.4), unless it asked for numbers itself.
        follows = self.numbered and self.numbered[-1] is not None
        number = self.data_ns if self.options.sequencing or follows else None
        if number is not None:
            self.data_ns = number + 1 & 0xffff
        return wire.data(self.channel.peer_tunnel, self.peer_session, frame, not self.options.no_length, number)

    def say_numbers(self):
        """From the first numbered one on, all have to be, and in order."""
        first = next((at for at, ns in enumerate(self.numbered) if ns is not None), len(self.numbered))
        rest = self.numbered[first:]
        steady = all(ns == (rest[0] + at) & 0xffff for at, ns in enumerate(rest))
        self.say("sequence numbers", f"on {len(rest)} of {len(self.numbered)}, {'in order' if steady else 'with gaps'}")

    def flush(self):
        frames = [self.data(frame) for frame in self.ppp.frames()]
        packets, self.channel.out = self.channel.out + frames, []
        for packet in packets:
            try:
                self.socket.send(packet)
            except OSError as error:
                self.trouble(error)


STOP, _wake = os.pipe()
LONGER = []
signal.signal(signal.SIGUSR1, lambda *_: LONGER.append(1))
signal.signal(signal.SIGTERM, lambda *_: os.write(_wake, b"x"))
sys.exit(Client(arguments()).run())
