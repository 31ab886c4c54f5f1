# SPDX-License-Identifier: GPL-2.0-or-later
"""Data messages over IPv6 whose UDP checksums are special, in a session of the caller's:

    python3 -m lac.checksum FROM TO TUNNEL SESSION INNER-FROM INNER-TO

"right" is as any other; "none" has the checksum 0, which IPv6 forbids (RFC 8200 8.1); "turns" has one that becomes 0, to be
written as 0xffff, when the port is replaced by the tunnel's id."""
import socket
import struct
import sys

from . import wire
from .forge import PPP_IP, checksum, datagram

L2TP_PORT = 1701


def pseudo(source, target, length):
    return (socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, target)
            + struct.pack("!IxxxB", length, socket.IPPROTO_UDP))


def udp(port, payload, value=0):
    return struct.pack("!HHHH", L2TP_PORT, port, 8 + len(payload), value) + payload


def main():
    source, target, tunnel, session, inner_source, inner_target = sys.argv[1:]
    tunnel = int(tunnel)
    sender = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_UDP)
    sender.bind((source, 0))

    def payload(text, filler=0):
        # The inner packet has no UDP checksum, so its last two bytes may be anything; of even length, they are a word.
        body = text + b"." * (len(text) % 2) + struct.pack("!H", filler)
        return wire.data(tunnel, int(session), PPP_IP + datagram(inner_source, inner_target, body))

    def value(port, data):
        return checksum(pseudo(source, target, 8 + len(data)) + udp(port, data))

    # What is added to a word of the packet is taken from its checksum: behind tunnel's port it is 0 then.
    turning = payload(b"turns", value(tunnel, payload(b"turns")))
    for data, given in ((payload(b"none"), 0), (turning, value(L2TP_PORT, turning)),
                        (payload(b"right"), value(L2TP_PORT, payload(b"right")))):
        sender.sendto(udp(L2TP_PORT, data, given), (target, 0))


main()
