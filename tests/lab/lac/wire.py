# SPDX-License-Identifier: GPL-2.0-or-later
"""L2TP messages as bytes (RFC 2661 sections 3 and 4).  Pure; builds wrong messages as readily as right ones."""
import struct
from collections import namedtuple

SCCRQ, SCCRP, SCCCN, STOPCCN, HELLO = 1, 2, 3, 4, 6
OCRQ, OCRP, OCCN, ICRQ, ICRP, ICCN, CDN, WEN, SLI = 7, 8, 9, 10, 11, 12, 14, 15, 16
NAMES = {1: "SCCRQ", 2: "SCCRP", 3: "SCCCN", 4: "StopCCN", 6: "HELLO", 7: "OCRQ", 8: "OCRP", 9: "OCCN", 10: "ICRQ",
         11: "ICRP", 12: "ICCN", 14: "CDN", 15: "WEN", 16: "SLI"}

# attribute types
MESSAGE_TYPE, RESULT_CODE, PROTOCOL_VERSION, FRAMING_CAPABILITIES, BEARER_CAPABILITIES, TIE_BREAKER, FIRMWARE = range(7)
HOST_NAME, VENDOR_NAME, ASSIGNED_TUNNEL, RECEIVE_WINDOW, CHALLENGE = 7, 8, 9, 10, 11
SEQUENCING_REQUIRED = 39
CHALLENGE_RESPONSE, ASSIGNED_SESSION, CALL_SERIAL, BEARER_TYPE, FRAMING_TYPE, TX_SPEED = 13, 14, 15, 18, 19, 24

CONTROL, LENGTH, SEQUENCE, OFFSET, PRIORITY = 0x8000, 0x4000, 0x0800, 0x0200, 0x0100
VERSION = 2

Control = namedtuple("Control", "tunnel session ns nr kind avps")
Data = namedtuple("Data", "tunnel session payload ns")     # ns: None without sequence numbers


def avp(attribute, value, mandatory=True, vendor=0):
    """An int value becomes two bytes; anything of another size is given as bytes."""
    if isinstance(value, int):
        value = struct.pack("!H", value)
    elif isinstance(value, str):
        value = value.encode()
    return struct.pack("!HHH", (0x8000 if mandatory else 0) | 6 + len(value), vendor, attribute) + value


def u32(value):
    return struct.pack("!I", value)


def control(tunnel, session, ns, nr, body=b""):
    """A message with its header; an empty body makes a ZLB acknowledgement."""
    return struct.pack("!HHHHHH", CONTROL | LENGTH | SEQUENCE | VERSION, 12 + len(body), tunnel, session, ns, nr) + body


def data(tunnel, session, payload, with_length=True, ns=None):
    if ns is not None:
        return struct.pack("!HHHHHH", LENGTH | SEQUENCE | VERSION, 12 + len(payload), tunnel, session, ns, 0) + payload
    if with_length:
        return struct.pack("!HHHH", LENGTH | VERSION, 8 + len(payload), tunnel, session) + payload
    return struct.pack("!HHH", VERSION, tunnel, session) + payload


def parse(packet):
    """A Control (kind 0: a ZLB; avps: attribute -> value, for vendor 0) or a Data.  ValueError says what is wrong."""
    if len(packet) < 6:
        raise ValueError("shorter than any header")
    (flags,) = struct.unpack_from("!H", packet)
    at = 2
    if flags & 0xf != VERSION:
        raise ValueError(f"version {flags & 0xf}")
    if flags & LENGTH:
        (length,) = struct.unpack_from("!H", packet, at)
        if length > len(packet):
            raise ValueError(f"length {length} in a packet of {len(packet)}")
        packet, at = packet[:length], at + 2
    tunnel, session = struct.unpack_from("!HH", packet, at)
    at += 4
    ns = nr = 0
    if flags & SEQUENCE:
        ns, nr = struct.unpack_from("!HH", packet, at)
        at += 4
    if flags & OFFSET:
        (skip,) = struct.unpack_from("!H", packet, at)
        at += 2 + skip
    if not flags & CONTROL:
        return Data(tunnel, session, packet[at:], ns if flags & SEQUENCE else None)
    avps = {}
    while at < len(packet):
        head, vendor, attribute = struct.unpack_from("!HHH", packet, at)
        length = head & 0x3ff
        if length < 6 or at + length > len(packet):
            raise ValueError(f"attribute {attribute} with length {length}")
        if vendor == 0:
            avps[attribute] = packet[at + 6:at + length]
        at += length
    kind = struct.unpack("!H", avps[MESSAGE_TYPE])[0] if MESSAGE_TYPE in avps else 0
    return Control(tunnel, session, ns, nr, kind, avps)


def number(avps, attribute):
    """The value of a two-byte attribute, None when the message has not got it."""
    value = avps.get(attribute)
    return struct.unpack("!H", value[:2])[0] if value is not None and len(value) >= 2 else None


def result(avps):
    """What StopCCN and CDN say, for people: "result 2 error 6 text"."""
    value = avps.get(RESULT_CODE, b"")
    words = []
    if len(value) >= 2:
        words.append(f"result {struct.unpack_from('!H', value)[0]}")
    if len(value) >= 4:
        words.append(f"error {struct.unpack_from('!H', value, 2)[0]}")
    if len(value) > 4:
        words.append(value[4:].decode(errors="replace"))
    return " ".join(words) or "no result code"
