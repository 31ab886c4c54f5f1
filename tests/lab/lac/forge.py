# SPDX-License-Identifier: GPL-2.0-or-later
"""One IP packet inside an L2TP data message whose ids, port and inner addresses are all the caller's choice.

    python3 -m lac.forge SERVER PORT TUNNEL SESSION FROM TO TEXT

It leaves from UDP 1701, beside a client that is using that port."""
import socket
import struct
import sys

from . import wire

INNER_PORT = 9999
PPP_IP = b"\xff\x03\x00\x21"  # address, control, protocol


def checksum(packet):
    total = sum(struct.unpack(f"!{len(packet) // 2}H", packet))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return 0xffff - total


def datagram(source, target, text):
    """An IPv4 packet with a UDP datagram, which has no checksum."""
    udp = struct.pack("!HHHH", INNER_PORT, INNER_PORT, 8 + len(text), 0) + text
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, socket.IPPROTO_UDP, 0)
    header += socket.inet_aton(source) + socket.inet_aton(target)
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + udp


def main():
    server, port, tunnel, session, source, target, text = sys.argv[1:]
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sender.bind(("", 1701))
    for with_length in True, False:
        payload = PPP_IP + datagram(source, target, text.encode())
        sender.sendto(wire.data(int(tunnel), int(session), payload, with_length), (server, int(port)))


if __name__ == "__main__":
    main()
