# SPDX-License-Identifier: GPL-2.0-or-later
"""L2TP in the clear, with a mark and an address of the caller's choice: a call, and messages of somebody's tunnel.

    python3 -m lac.plain FROM TO PORT TUNNEL SESSION MARK"""
import socket
import sys

from . import wire


def main():
    source, target, port, tunnel, session, mark = sys.argv[1:]
    tunnel, session = int(tunnel), int(session)
    family, kind, _, _, address = socket.getaddrinfo(target, int(port), type=socket.SOCK_DGRAM)[0]
    sender = socket.socket(family, kind)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, int(mark))
    # On the server itself its own port is taken.
    sender.bind((source, 0 if source == target else 1701))
    sccrq = (wire.avp(wire.MESSAGE_TYPE, wire.SCCRQ) + wire.avp(wire.PROTOCOL_VERSION, 0x0100)
             + wire.avp(wire.FRAMING_CAPABILITIES, wire.u32(1)) + wire.avp(wire.HOST_NAME, "stranger")
             + wire.avp(wire.ASSIGNED_TUNNEL, 77))
    stop = (wire.avp(wire.MESSAGE_TYPE, wire.STOPCCN) + wire.avp(wire.ASSIGNED_TUNNEL, 1) + wire.avp(wire.RESULT_CODE, 1))
    for packet in (wire.control(0, 0, 0, 0, sccrq), wire.control(tunnel, 0, 4, 2, stop),
                   wire.data(tunnel, session, b"\xff\x03\xc0\x21\x05\x01\x00\x04"),
                   wire.data(tunnel, session, b"\xff\x03\xc0\x21\x05\x01\x00\x04", with_length=False)):
        sender.sendto(packet, address)


main()
