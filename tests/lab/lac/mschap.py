# SPDX-License-Identifier: GPL-2.0-or-later
"""The client's half of MS-CHAPv2 (RFC 2759), with the MD4 (RFC 1320), DES (FIPS 46-3) and RC4 that hashlib does not have."""
import hashlib
import os
import struct


def md4(message):
    def rotate(value, count):
        value &= 0xffffffff
        return (value << count | value >> 32 - count) & 0xffffffff

    rounds = (
        (lambda x, y, z: x & y | ~x & z, 0, range(16), (3, 7, 11, 19)),
        (lambda x, y, z: x & y | x & z | y & z, 0x5a827999, [i % 4 * 4 + i // 4 for i in range(16)], (3, 5, 9, 13)),
        (lambda x, y, z: x ^ y ^ z, 0x6ed9eba1, (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15), (3, 9, 11, 15)),
    )
    state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
    padded = message + b"\x80" + b"\0" * (-(len(message) + 9) % 64) + struct.pack("<Q", 8 * len(message))
    for start in range(0, len(padded), 64):
        words = struct.unpack_from("<16I", padded, start)
        a, b, c, d = state
        for function, constant, order, shifts in rounds:
            for step, index in enumerate(order):
                a, b, c, d = d, rotate(a + (function(b, c, d) & 0xffffffff) + words[index] + constant, shifts[step % 4]), b, c
        state = [x + y & 0xffffffff for x, y in zip(state, (a, b, c, d))]
    return struct.pack("<4I", *state)


# DES by its tables: positions count from 1 at the most significant bit, as in the standard.
IP_TABLE = [start - 8 * i for start in (58, 60, 62, 64, 57, 59, 61, 63) for i in range(8)]
FP_TABLE = [start + offset for offset in range(0, -8, -1) for start in (40, 8, 48, 16, 56, 24, 64, 32)]
E_TABLE = [(4 * i + j - 1) % 32 + 1 for i in range(8) for j in range(6)]
P_TABLE = [16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25]
PC1_TABLE = [57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
             63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4]
PC2_TABLE = [14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
             41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32]
S_BOXES = [[int(digit, 16) for digit in rows.replace(" ", "")] for rows in (
    "e4d12fb83a6c5907 0f74e2d1a6cb9538 41e8d62bfc973a50 fc8249175b3ea06d",
    "f18e6b34972dc05a 3d47f28ec01a69b5 0e7ba4d158c6932f d8a13f42b67c05e9",
    "a09e63f51dc7b428 d709346a285ecbf1 d6498f30b12c5ae7 1ad069874fe3b52c",
    "7de3069a1285bc4f d8b56f03472c1ae9 a690cb7df13e5284 3f06a1d8945bc72e",
    "2c417ab6853fd0e9 eb2c47d150fa3986 421bad78f9c5630e b8c71e2d6f09a453",
    "c1af92680d34e75b af427c9561de0b38 9ef528c3704a1db6 432c95fabe17608d",
    "4b2ef08d3c975a61 d0b7491ae35c2f86 14bdc37eaf680592 6bd814a7950fe23c",
    "d2846fb1a93e50c7 1fd8a374c56b0e92 7b419ce206adf358 21e74a8dfc90356b")]


def permute(value, width, table):
    out = 0
    for position in table:
        out = out << 1 | value >> width - position & 1
    return out


def des(key7, block):
    """DES of one block with a key of seven bytes; the eighth, parity, is not looked at."""
    bits = int.from_bytes(key7, "big")
    key = 0
    for i in range(8):
        key = key << 8 | (bits >> 49 - 7 * i & 0x7f) << 1
    halves = permute(key, 64, PC1_TABLE)
    c, d = halves >> 28, halves & 0xfffffff
    value = permute(int.from_bytes(block, "big"), 64, IP_TABLE)
    left, right = value >> 32, value & 0xffffffff
    for turn in range(16):
        shift = 1 if turn in (0, 1, 8, 15) else 2
        c, d = ((half << shift | half >> 28 - shift) & 0xfffffff for half in (c, d))
        mixed = permute(right, 32, E_TABLE) ^ permute(c << 28 | d, 56, PC2_TABLE)
        out = 0
        for box in range(8):
            six = mixed >> 42 - 6 * box & 0x3f
            row, column = (six >> 4 & 2) | six & 1, six >> 1 & 15
            out = out << 4 | S_BOXES[box][16 * row + column]
        left, right = right, left ^ permute(out, 32, P_TABLE)
    return permute(right << 32 | left, 64, FP_TABLE).to_bytes(8, "big")


def rc4(key, data):
    state, j = list(range(256)), 0
    for i in range(256):
        j = j + state[i] + key[i % len(key)] & 255
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = i + 1 & 255
        j = j + state[i] & 255
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[state[i] + state[j] & 255])
    return bytes(out)


def nt_hash(password):
    return md4(password.decode().encode("utf-16-le"))


def fields(message):
    """A Failure's "E=691 R=1 C=... V=3 M=..." (RFC 2759 section 6)."""
    return dict(word.split("=", 1) for word in message.split(" M=")[0].split() if "=" in word)


class Response:
    """The answer to one challenge, and the check of the server's proof that it knows the password too."""

    def __init__(self, challenge, user, password, peer_challenge=None):
        self.challenge, self.user = challenge, user.split(b"\\")[-1]
        self.peer_challenge = peer_challenge or os.urandom(16)
        self.hash = nt_hash(password)
        self.short = hashlib.sha1(self.peer_challenge + challenge + self.user).digest()[:8]
        key = self.hash + bytes(5)
        self.nt = b"".join(des(key[i:i + 7], self.short) for i in (0, 7, 14))

    def value(self):
        return self.peer_challenge + bytes(8) + self.nt + b"\0"

    def proven(self, message):
        digest = hashlib.sha1(md4(self.hash) + self.nt + b"Magic server to client signing constant").digest()
        digest = hashlib.sha1(digest + self.short + b"Pad to make it do more than one iteration").digest()
        return message.startswith("S=" + digest.hex().upper())


class Change(Response):
    """A Change-Password packet (RFC 2759 section 7): the answer to a challenge with the new password, and that encrypted with the old."""

    def __init__(self, challenge, user, old, new):
        super().__init__(challenge, user, new)
        plain = new.decode().encode("utf-16-le")
        self.encrypted = rc4(nt_hash(old), os.urandom(512 - len(plain)) + plain + struct.pack("<I", len(plain)))
        self.encrypted_hash = b"".join(des(self.hash[7 * i:7 * i + 7], nt_hash(old)[8 * i:8 * i + 8]) for i in (0, 1))

    def value(self):
        return self.encrypted + self.encrypted_hash + self.peer_challenge + bytes(8) + self.nt + b"\0\0"
