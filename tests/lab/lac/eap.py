# SPDX-License-Identifier: GPL-2.0-or-later
"""The client's half of EAP (RFC 3748): MD5, MS-CHAPv2, TLS (RFC 5216), and PEAPv0 with MS-CHAPv2 inside.  Pure: packets in, packets out."""
import hashlib
import ssl
import struct

from . import mschap

REQUEST, RESPONSE, SUCCESS, FAILURE = range(1, 5)
IDENTITY, NOTIFICATION, NAK, MD5, TLS, PEAP, MSCHAPV2, RESULT_TLV = 1, 2, 3, 4, 13, 25, 26, 33
TYPES = {"md5": MD5, "mschapv2": MSCHAPV2, "tls": TLS, "peap": PEAP}
HAS_LENGTH, MORE, START = 0x80, 0x40, 0x20
FRAGMENT = 1000
RESULT_SUCCESS = struct.pack("!HHH", 0x8003, 2, 1)


class Refused(Exception):
    pass


class Md5:
    def __init__(self, user, password):
        self.password = password

    def answer(self, ident, data):
        return bytes([16]) + hashlib.md5(bytes([ident]) + self.password + data[1:1 + data[0]]).digest()


class MsChapV2:
    """Type data of draft-kamath-pppext-eap-mschapv2: an operation, then for some its identifier and length."""

    def __init__(self, user, password):
        self.user, self.password = user, password

    def answer(self, _ident, data):
        operation = data[0]
        if operation == 1:
            self.response = mschap.Response(data[5:5 + data[4]], self.user, self.password)
            value = self.response.value() + self.user
            return struct.pack("!BBHB", 2, data[1], 5 + len(value), 49) + value
        if operation == 3 and not self.response.proven(data[4:].decode(errors="replace")):
            raise Refused("the server does not know the password")
        return bytes([operation])


class Tls:
    """TLS in fragments; `inside` is what is spoken in it, or nothing."""

    def __init__(self, files, inside=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_verify_locations(files["ca"])
        if files.get("cert"):
            context.load_cert_chain(files["cert"], files["key"])
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing)
        self.inside = inside
        self.established = False
        self.queue = b""

    def answer(self, _ident, data):
        flags, body = data[0], data[1:]
        if flags & HAS_LENGTH:
            body = body[4:]
        self.incoming.write(body)
        if flags & MORE:
            return b"\0"
        if not self.queue:
            self.step()
        fragment, self.queue = self.queue[:FRAGMENT], self.queue[FRAGMENT:]
        return bytes([MORE if self.queue else 0]) + fragment

    def step(self):
        try:
            if not self.established:
                self.tls.do_handshake()
                self.established = True
            elif self.inside:
                self.tls.write(self.inside(self.tls.read(4096)))
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            raise Refused(str(error)) from error
        self.queue += self.outgoing.read()


class Inside:
    """PEAPv0: EAP packets without their header, and at the end one with, which tells the result."""

    def __init__(self, user, password):
        self.user, self.method = user, MsChapV2(user, password)

    def __call__(self, packet):
        if len(packet) > 4 and packet[0] == REQUEST and packet[4] == RESULT_TLV:
            return struct.pack("!BBHB", RESPONSE, packet[1], 5 + len(RESULT_SUCCESS), RESULT_TLV) + RESULT_SUCCESS
        if packet[0] == IDENTITY:
            return bytes([IDENTITY]) + self.user
        if packet[0] != MSCHAPV2:
            return bytes([NAK, MSCHAPV2])
        return bytes([MSCHAPV2]) + self.method.answer(0, packet[1:])


class Peer:
    """receive() gives the answer, and raises Refused when there is no point in going on."""

    def __init__(self, user, password, method, outer=None, files=None):
        self.identity = outer or user
        self.type = TYPES[method]
        self.rounds = 0
        if method in ("tls", "peap"):
            self.method = Tls(files, Inside(user, password) if method == "peap" else None)
        else:
            self.method = (Md5 if method == "md5" else MsChapV2)(user, password)

    def receive(self, ident, body):
        kind, data = body[0], body[1:]
        self.rounds += 1
        if kind == IDENTITY:
            answer = bytes([IDENTITY]) + self.identity
        elif kind == NOTIFICATION:
            answer = bytes([NOTIFICATION])
        elif kind == self.type:
            answer = bytes([kind]) + self.method.answer(ident, data)
        else:
            answer = bytes([NAK, self.type])
        return struct.pack("!BBH", RESPONSE, ident, 4 + len(answer)) + answer
