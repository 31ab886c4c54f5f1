# SPDX-License-Identifier: GPL-2.0-or-later
"""A small PPP: LCP, PAP, CHAP with MD5 and MS-CHAPv2, EAP, IPCP, and echo requests over IPv4.  Pure: frames and time in, frames out.

It asks for what a Windows client asks for, refuses what it cannot do, and gives up the way such a client gives up."""
import hashlib
import os
import struct

from . import eap, mschap

IP, IPCP, LCP, PAP, CHAP, EAP = 0x0021, 0x8021, 0xc021, 0xc023, 0xc223, 0xc227
REQUEST, ACK, NAK, REJECT, TERMINATE, TERMINATED, CODE_REJECT, PROTOCOL_REJECT, ECHO, ECHO_REPLY = range(1, 11)
MRU, AUTHENTICATION, MAGIC, PFC, ACFC, CALLBACK = 1, 3, 5, 7, 8, 13
ADDRESS, DNS1, DNS2 = 3, 129, 131
RETRY_S, TRIES = 3.0, 10    # RFC 1661 4.6

METHODS = {"pap": struct.pack("!H", PAP), "chap": struct.pack("!HB", CHAP, 5), "mschapv2": struct.pack("!HB", CHAP, 0x81),
           "eap": struct.pack("!H", EAP)}


def options_of(body):
    at = 0
    while at + 2 <= len(body):
        kind, length = body[at], body[at + 1]
        if length < 2 or at + length > len(body):
            return
        yield kind, body[at + 2:at + length]
        at += length


def option(kind, value=b""):
    return bytes([kind, 2 + len(value)]) + value


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def dotted(address):
    return ".".join(str(byte) for byte in address)


class Negotiation:
    """One control protocol (RFC 1661 section 4), as far as a client needs it."""

    def __init__(self, ppp, protocol, wanted):
        self.ppp, self.protocol, self.wanted = ppp, protocol, dict(wanted)
        self.id = 0
        self.we_are_done = self.peer_is_done = False
        self.next_try = None
        self.tries = 0

    @property
    def opened(self):
        return self.we_are_done and self.peer_is_done

    def request(self, now):
        self.id = self.id + 1 & 0xff
        self.tries += 1
        self.next_try = now + self.ppp.retry_s
        self.put(REQUEST, self.id, b"".join(option(*item) for item in self.wanted.items()))

    def put(self, code, ident, body=b""):
        self.ppp.frame(self.protocol, struct.pack("!BBH", code, ident, 4 + len(body)) + body)

    def tick(self, now):
        if self.next_try is None or self.we_are_done or now < self.next_try:
            return
        if self.tries >= TRIES:
            self.ppp.fail(f"no answer to {self.protocol:#06x} Configure-Request")
        else:
            self.request(now)

    def receive(self, now, code, ident, body):
        if code == REQUEST:
            if self.next_try is None:
                self.request(now)
            verdict, answer = self.judge(body)
            self.peer_is_done = verdict == ACK
            self.put(verdict, ident, answer)
        elif ident != self.id:
            return
        elif code == ACK:
            self.we_are_done = True
        elif code == NAK:
            self.wanted.update((kind, value) for kind, value in options_of(body) if kind in self.wanted)
            self.request(now)
        elif code == REJECT:
            for kind, _ in options_of(body):
                self.wanted.pop(kind, None)
            self.request(now)

    def judge(self, body):
        """What to answer to the peer's request: first what we refuse, then what we would like otherwise."""
        rejected, refused = b"", b""
        for kind, value in options_of(body):
            verdict, better = self.opinion(kind, value)
            if verdict == REJECT:
                rejected += option(kind, value)
            elif verdict == NAK:
                refused += option(kind, better)
        if rejected:
            return REJECT, rejected
        return (NAK, refused) if refused else (ACK, body)

    def opinion(self, kind, value):
        return self.ppp.opinion(self.protocol, kind, value)


class Ppp:
    """frames() gives what is to be sent; events() what happened: ("authenticated", text), ("up", address), ("failed", text),
    ("closed", text), ("echo", sequence, payload, source)."""

    def __init__(self, user, password, methods=("mschapv2", "chap", "pap"), mru=1400, retry_s=RETRY_S, new_eap=None, second_password=None, new_password=None):
        self.user, self.password, self.methods = user.encode(), password.encode(), methods
        self.retry_s = retry_s
        self.method = None
        self.magic = os.urandom(4)
        self.lcp = Negotiation(self, LCP, {MRU: struct.pack("!H", mru), MAGIC: self.magic, PFC: b"", ACFC: b"", CALLBACK: b"\x06"})
        self.ipcp = Negotiation(self, IPCP, {ADDRESS: bytes(4), DNS1: bytes(4), DNS2: bytes(4)})
        self.address = None
        self.authenticated = self.finished = False
        self.pap_try = None
        self.pap_tries = 0
        self._frames, self._events = [], []
        self._chap = self._challenge = None
        self._new_eap, self._eap = new_eap, None
        self._second_password, self._new_password = (word and word.encode() for word in (second_password, new_password))

    def start(self, now):
        self.lcp.request(now)

    def frames(self):
        frames, self._frames = self._frames, []
        return frames

    def events(self):
        events, self._events = self._events, []
        return events

    def frame(self, protocol, body):
        self._frames.append(b"\xff\x03" + struct.pack("!H", protocol) + body)

    def fail(self, text):
        self.finished = True
        self._events.append(("failed", text))

    def start_over(self, now):
        """A new Configure-Request when everything is up (RFC 1661 4.3)."""
        for negotiation in (self.lcp, self.ipcp):
            negotiation.we_are_done = negotiation.peer_is_done = False
            negotiation.tries = 0
        self.ipcp.next_try = None
        self.authenticated, self.method = False, None
        self.lcp.request(now)

    def close(self):
        self.lcp.put(TERMINATE, 0x7f, b"user request")

    def next_try(self):
        """When tick() has something to do; None: nothing is waited for."""
        times = [negotiation.next_try for negotiation in (self.lcp, self.ipcp) if not negotiation.we_are_done]
        times.append(None if self.authenticated else self.pap_try)
        return None if self.finished else min((time for time in times if time is not None), default=None)

    def tick(self, now):
        if self.finished:
            return
        self.lcp.tick(now)
        self.ipcp.tick(now)
        if self.pap_try is not None and now >= self.pap_try and not self.authenticated:
            self._pap(now)

    def receive(self, now, frame):
        if frame[:2] == b"\xff\x03":
            frame = frame[2:]
        if not frame:
            return
        if frame[0] & 1:                                # a compressed protocol field
            protocol, body = frame[0], frame[1:]
        else:
            protocol, body = struct.unpack_from("!H", frame)[0], frame[2:]
        if protocol == IP:
            self._ip(body)
        elif protocol in (LCP, IPCP, PAP, CHAP, EAP) and len(body) >= 4:
            code, ident, length = struct.unpack_from("!BBH", body)
            rest = body[4:length]
            handler = {LCP: self._lcp, IPCP: self._ipcp, PAP: self._pap_answer, CHAP: self._chap_packet, EAP: self._eap_packet}[protocol]
            handler(now, code, ident, rest)
        elif self.lcp.opened:
            self.lcp.put(PROTOCOL_REJECT, ident=os.urandom(1)[0], body=struct.pack("!H", protocol) + body)

    def opinion(self, protocol, kind, value):
        if protocol == IPCP:
            return (ACK, None) if kind == ADDRESS else (REJECT, None)
        if kind == AUTHENTICATION:
            method = next((name for name, code in METHODS.items() if code == value), None)
            if method in self.methods:
                self.method = method
                return ACK, None
            return NAK, METHODS[self.methods[0]]
        return (ACK, None) if kind in (MRU, 2, MAGIC, PFC, ACFC) else (REJECT, None)

    def _lcp(self, now, code, ident, body):
        if code in (REQUEST, ACK, NAK, REJECT):
            was_open = self.lcp.opened
            self.lcp.receive(now, code, ident, body)
            if self.lcp.opened and not was_open:
                if self.method is None:
                    self._accepted(now, "nothing asked")
                elif self.method == "pap":
                    self._pap(now)
        elif code == TERMINATE:
            self.lcp.put(TERMINATED, ident)
            self.finished = True
            self._events.append(("closed", "peer: " + body.decode(errors="replace")))
        elif code == TERMINATED:
            self.finished = True
            self._events.append(("closed", "by us"))
        elif code == ECHO:
            self.lcp.put(ECHO_REPLY, ident, self.magic + body[4:])

    def _accepted(self, now, text):
        if not self.authenticated:
            self.authenticated = True
            self._events.append(("authenticated", f"{self.method or 'none'} {text}".strip()))
            self.ipcp.request(now)

    def _pap(self, now):
        self.pap_tries += 1
        if self.pap_tries > TRIES:
            self.fail("no answer to PAP")
            return
        body = bytes([len(self.user)]) + self.user + bytes([len(self.password)]) + self.password
        self.pap_try = now + self.retry_s
        self.frame(PAP, struct.pack("!BBH", 1, self.pap_tries, 4 + len(body)) + body)

    def _pap_answer(self, now, code, _ident, body):
        text = body[1:].decode(errors="replace")
        if code == ACK:
            self._accepted(now, text)
        elif code == NAK:
            self.fail("PAP refused: " + text)

    def _chap_packet(self, now, code, ident, body):
        if code == 1:
            challenge = body[1:1 + body[0]]
            if self.method == "mschapv2":
                # A challenge that is heard again is answered as before, or the verdict that is on its way is for another answer.
                if self._challenge != challenge:
                    self._challenge = challenge
                    self._chap = mschap.Response(challenge, self.user, self.password)
                value = self._chap.value()
            else:
                value = hashlib.md5(bytes([ident]) + self.password + challenge).digest()
            answer = bytes([len(value)]) + value + self.user
            self.frame(CHAP, struct.pack("!BBH", 2, ident, 4 + len(answer)) + answer)
        elif code == 3:
            text = body.decode(errors="replace")
            if self.method == "mschapv2" and not self._chap.proven(text):
                self.fail("the server does not know the password: " + text)
            else:
                self._accepted(now, text)
        elif code == 4:
            self._chap_refused(ident, body.decode(errors="replace"))

    def _chap_refused(self, ident, text):
        """Some people mistype their password, or have to think of a new one."""
        fields = mschap.fields(text)
        if self._second_password and fields.get("R") == "1":
            self.password, self._second_password = self._second_password, None
            self._chap = mschap.Response(bytes.fromhex(fields["C"]), self.user, self.password)
            answer = bytes([49]) + self._chap.value() + self.user
            self.frame(CHAP, struct.pack("!BBH", 2, ident + 1 & 0xff, 4 + len(answer)) + answer)
        elif self._new_password and fields.get("E") == "648":
            self._chap = mschap.Change(bytes.fromhex(fields["C"]), self.user, self.password, self._new_password)
            self.password, self._new_password = self._new_password, None
            answer = self._chap.value()
            self.frame(CHAP, struct.pack("!BBH", 7, ident + 1 & 0xff, 4 + len(answer)) + answer)
        else:
            self.fail("CHAP refused: " + text)

    def _eap_packet(self, now, code, ident, body):
        if code == eap.REQUEST and body:
            if self._eap is None or body[0] == eap.IDENTITY:
                self._eap = self._new_eap()
            try:
                self.frame(EAP, self._eap.receive(ident, body))
            except eap.Refused as refusal:
                self.fail(f"EAP: {refusal}")
        elif code == eap.SUCCESS:
            self._accepted(now, f"{self._eap.rounds} rounds")
        elif code == eap.FAILURE:
            self.fail("EAP refused")

    def _ipcp(self, now, code, ident, body):
        was_open = self.ipcp.opened
        self.ipcp.receive(now, code, ident, body)
        if self.ipcp.opened and not was_open:
            self.address = self.ipcp.wanted[ADDRESS]
            servers = [dotted(self.ipcp.wanted[kind]) for kind in (DNS1, DNS2) if self.ipcp.wanted.get(kind, bytes(4)) != bytes(4)]
            self._events.append(("up", dotted(self.address), ",".join(servers)))

    def ping(self, target, sequence, payload, ident=0x4c41):
        icmp = struct.pack("!BBHHH", 8, 0, 0, ident, sequence) + payload
        icmp = icmp[:2] + struct.pack("!H", checksum(icmp)) + icmp[4:]
        header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(icmp), sequence, 0, 64, 1, 0, self.address, target)
        header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
        self.frame(IP, header + icmp)

    def _ip(self, packet):
        if len(packet) < 28 or packet[0] >> 4 != 4 or packet[9] != 1:
            return
        length, _, fragment = struct.unpack_from("!HHH", packet, 2)
        if fragment & 0x3fff:
            return
        icmp = packet[(packet[0] & 15) * 4:length]
        if icmp[0] == 0:
            self._events.append(("echo", struct.unpack_from("!H", icmp, 6)[0], icmp[8:], dotted(packet[12:16])))
