# SPDX-License-Identifier: GPL-2.0-or-later
"""Reliable delivery of control messages (RFC 2661 section 5.8): numbers, acknowledgements, retransmission.

Pure: the caller brings the packets and the time, and sends what `out` holds."""
from . import wire

RETRY_S, TRIES = 1.0, 6


class Channel:
    def __init__(self, tunnel):
        self.tunnel = tunnel       # ours
        self.peer_tunnel = 0
        self.ns = self.nr = 0
        self.waiting = []          # sent and not acknowledged: (ns, packet without a current nr)
        self.next_try = None
        self.tries = self.again = 0
        self.out = []
        self.dead = False

    def send(self, now, body, session=0):
        self.waiting.append((self.ns, session, body))
        self._put(self.ns, session, body)
        self.ns = self.ns + 1 & 0xffff
        if self.next_try is None:
            self.next_try, self.tries = now + RETRY_S, 0

    def receive(self, now, message):
        """The message if it is the next one, else None; acknowledges whatever had a number."""
        before = len(self.waiting)
        self.waiting = [entry for entry in self.waiting if not self._acknowledged(entry[0], message.nr)]
        if len(self.waiting) != before:
            self.tries = 0
            self.next_try = now + RETRY_S if self.waiting else None
        if not message.kind:
            return None
        fresh = message.ns == self.nr
        if fresh:
            self.nr = self.nr + 1 & 0xffff
        return message if fresh else self.acknowledge()

    def acknowledge(self):
        self.out.append(wire.control(self.peer_tunnel, 0, self.ns, self.nr))

    def tick(self, now):
        if self.next_try is not None and now >= self.next_try:
            self.tries += 1
            self.dead = self.tries >= TRIES
            self.next_try = now + RETRY_S * 2 ** self.tries
            if not self.dead:
                self.again += 1
                self._put(*self.waiting[0])

    def _put(self, ns, session, body):
        self.out.append(wire.control(self.peer_tunnel, session, ns, self.nr, body))

    @staticmethod
    def _acknowledged(ns, nr):
        return 0 < (nr - ns & 0xffff) < 0x8000
