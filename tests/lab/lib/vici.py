#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A small client of VICI-format sockets: charon's own, and ours, which speak the same protocol.

    vici.py SOCKET COMMAND [KEY=VALUE]... [EVENT]
                                      the answer (and the events streamed with it) as JSON, one object a line
    vici.py SOCKET watch EVENT...     events as they come: name and JSON
    vici.py sas                       charon's installed CHILD_SAs, one short line each
"""
import json
import socket
import struct
import sys

CMD_REQUEST, CMD_RESPONSE, CMD_UNKNOWN, EVENT_REGISTER, EVENT_UNREGISTER, EVENT_CONFIRM, EVENT_UNKNOWN, EVENT = range(8)
SECTION_START, SECTION_END, KEY_VALUE, LIST_START, LIST_ITEM, LIST_END = range(1, 7)


def encode(message):
    """A message is a dict of str, list of str, and dict."""
    out = b""
    for key, value in message.items():
        name = struct.pack("!B", len(key)) + key.encode()
        if isinstance(value, dict):
            out += bytes([SECTION_START]) + name + encode(value) + bytes([SECTION_END])
        elif isinstance(value, list):
            items = b"".join(bytes([LIST_ITEM]) + struct.pack("!H", len(v.encode())) + v.encode() for v in value)
            out += bytes([LIST_START]) + name + items + bytes([LIST_END])
        else:
            data = str(value).encode()
            out += bytes([KEY_VALUE]) + name + struct.pack("!H", len(data)) + data
    return out


def decode(data):
    stack, at, items = [{}], 0, None

    def name():
        nonlocal at
        length = data[at]
        at += 1 + length
        return data[at - length:at].decode()

    def value():
        nonlocal at
        (length,) = struct.unpack_from("!H", data, at)
        at += 2 + length
        return data[at - length:at].decode(errors="replace")

    while at < len(data):
        kind = data[at]
        at += 1
        if kind == SECTION_START:
            stack.append(stack[-1].setdefault(name(), {}))
        elif kind == SECTION_END:
            stack.pop()
        elif kind == KEY_VALUE:
            key = name()
            stack[-1][key] = value()
        elif kind == LIST_START:
            items = stack[-1].setdefault(name(), [])
        elif kind == LIST_ITEM:
            items.append(value())
        elif kind == LIST_END:
            items = None
        else:
            raise ValueError(f"element type {kind}")
    return stack[0]


class Vici:
    def __init__(self, path, timeout_s=10):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout_s)
        self.socket.connect(path)

    def send(self, kind, name=None, body=b""):
        packet = bytes([kind]) + (struct.pack("!B", len(name)) + name.encode() if name else b"") + body
        self.socket.sendall(struct.pack("!I", len(packet)) + packet)

    def take(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise EOFError("the peer closed the socket")
            data += more
        return data

    def receive(self):
        """(kind, event name or None, message)"""
        packet = self.take(struct.unpack("!I", self.take(4))[0])
        kind, rest, name = packet[0], packet[1:], None
        if kind == EVENT:
            name, rest = rest[1:1 + rest[0]].decode(), rest[1 + rest[0]:]
        return kind, name, decode(rest)

    def listen(self, event):
        self.send(EVENT_REGISTER, event)
        if self.receive()[0] != EVENT_CONFIRM:
            raise LookupError(f"no event {event}")

    def request(self, command, message=None, event=None):
        """The events streamed while the command ran, then its answer, in one list."""
        if event:
            self.listen(event)
        self.send(CMD_REQUEST, command, encode(message or {}))
        out = []
        while True:
            kind, _, body = self.receive()
            if kind == CMD_UNKNOWN:
                raise LookupError(f"no command {command}")
            out.append(body)
            if kind == CMD_RESPONSE:
                return out


def sas():
    for sa in Vici("/run/charon.vici").request("list-sas", event="list-sa")[:-1]:
        for ike in sa.values():
            for child in ike["child-sas"].values():
                if child["state"] != "INSTALLED":
                    continue
                print(f"{ike['remote-host']}:{ike['remote-port']} reqid {child['reqid']} mark {int(child.get('mark-in', '0'), 16)}"
                      f" {child['mode'].lower()} spi {child['spi-in']}/{child['spi-out']}")


def watch(path, events):
    bus = Vici(path, timeout_s=None)
    for event in events:
        bus.listen(event)
    print("watching", flush=True)
    while True:
        _, name, body = bus.receive()
        print(name, json.dumps(body), flush=True)


if __name__ == "__main__":
    try:
        if sys.argv[1:] == ["sas"]:
            sas()
        elif sys.argv[2] == "watch":
            watch(sys.argv[1], sys.argv[3:])
        else:
            keys = dict(word.split("=", 1) for word in sys.argv[3:] if "=" in word)
            event = next((word for word in sys.argv[3:] if "=" not in word), None)
            for answer in Vici(sys.argv[1]).request(sys.argv[2], keys, event):
                print(json.dumps(answer))
    except (OSError, EOFError, LookupError) as error:
        sys.exit(f"vici: {error}")
