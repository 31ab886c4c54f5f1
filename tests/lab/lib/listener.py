#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints each datagram that arrives on UDP 1701, with the mark its SA gave it: ADDRESS:PORT mark MARK TEXT"""
import socket
import struct

SO_MARK, SO_RCVMARK = 36, 75

listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listener.setsockopt(socket.SOL_SOCKET, SO_RCVMARK, 1)
listener.bind(("", 1701))
print("listening", flush=True)
while True:
    data, control, _, (address, port) = listener.recvmsg(2048, 256)
    mark = sum(struct.unpack("I", value[:4])[0] for level, kind, value in control if (level, kind) == (socket.SOL_SOCKET, SO_MARK))
    print(f"{address}:{port} mark {mark} {data.decode(errors='replace')}", flush=True)
