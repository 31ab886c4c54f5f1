#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Children of one waiting pppd: what each of them draws for its client has to be its own.

Plays the monitor and l2tpd, and for each child a client over a session of the kernel's, up to the challenge.  Says one line:

    children 1000  magic numbers 1000  challenges 1000  waiting pid 123  parents 1

The numbers are those of different ones.  Exit status 0 when nothing occurs twice and every child was this process's own."""
import argparse
import ctypes
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from lac.ppp import CHAP, LCP, Ppp, REQUEST, MAGIC, options_of  # noqa: E402
from sessions import EVENT, packet  # noqa: E402

AF_PPPOX, PX_PROTO_OL2TP, L2TP_DATA = 24, 1, 0x0002
WAITING, BORN = 1, 2
ORDER, REPORT = struct.Struct("=IHH"), struct.Struct("=IIiHH")
OPTIONS = """nodetach nopersist nodefaultroute noccp novj noipv6 noipdefault nolog auth require-mschap-v2 refuse-pap refuse-chap
refuse-mschap refuse-mschap-v2 refuse-eap ip-up-script /nonexistent ip-down-script /nonexistent 10.9.0.1: l2tpd-auth local""".split()
libc = ctypes.CDLL(None, use_errno=True)


class Tunnel:
    """An L2TP tunnel of the kernel's over loopback; the client's side of it is a plain UDP socket."""

    def __init__(self):
        self.client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.client.bind(("127.0.0.1", 0))
        self.server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.server.bind(("127.0.0.1", 0))
        self.client.connect(self.server.getsockname())
        self.server.connect(self.client.getsockname())
        self.socket = self.pppox(0)

    def pppox(self, session):
        s = socket.socket(AF_PPPOX, socket.SOCK_DGRAM, PX_PROTO_OL2TP)
        port = self.client.getsockname()[1]
        # struct sockaddr_pppol2tp, linux/if_pppol2tp.h
        address = struct.pack("=HIii", AF_PPPOX, PX_PROTO_OL2TP, 0, self.server.fileno()) + struct.pack("=H", socket.AF_INET) \
            + struct.pack("!H4s8x", port, socket.inet_aton("127.0.0.1")) + struct.pack("=HHHH", 1, session, 1, session)
        if libc.connect(s.fileno(), address, len(address)):
            raise OSError(ctypes.get_errno(), "connect of a PPPoX socket: " + os.strerror(ctypes.get_errno()))
        return s

    def frames(self, session):
        """What has come for this session, without L2TP's header."""
        while select.select([self.client], [], [], 0)[0]:
            data = self.client.recv(4096)
            _, _, to = struct.unpack_from("!HHH", data)
            if to == session:
                yield data[6:]

    def send(self, session, frame):
        self.client.send(struct.pack("!HHH", L2TP_DATA, 1, session) + frame)


class Waiting:
    def __init__(self, program, plugin):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.socket = ours

        def descriptors():
            os.dup2(theirs.fileno(), 3)
        self.process = subprocess.Popen(program + ["plugin", plugin] + OPTIONS
                                        + ["l2tpd-session", "waiting-for-one", "l2tpd-wait", "3"],
                                        preexec_fn=descriptors, pass_fds=[3], stdin=subprocess.DEVNULL)
        theirs.close()
        kind, _, _ = self.hear()
        assert kind == WAITING, "the waiting pppd did not say so"

    def hear(self):
        data, extra, _, _ = self.socket.recvmsg(64, socket.CMSG_SPACE(12))
        assert data, "the waiting pppd has ended"
        kind, _, _, sid, _ = REPORT.unpack(data)
        pids = [struct.unpack("=i", value[:4])[0] for level, what, value in extra if what == socket.SCM_CREDENTIALS]
        return kind, sid, pids[0]

    def order(self, session, descriptors):
        socket.send_fds(self.socket, [ORDER.pack(7, session, 1)], descriptors)
        kind, sid, pid = self.hear()
        assert kind == BORN and sid == session, f"report {kind} for session {sid}"
        return pid


def first_of(protocol, code, frame):
    """The packet when it is of this kind."""
    frame = frame[2:] if frame[:2] == b"\xff\x03" else frame
    if struct.unpack_from("!HB", frame) == (protocol, code):
        return frame[2:]
    return None


def child(waiting, tunnel, session, until):
    """One session up to its challenge: its magic number, its challenge, its parent."""
    pppox = tunnel.pppox(session)
    bus, theirs = socket.socketpair()
    bus.send(packet(EVENT, "session-setup", {"session-id": str(session), "tunnel-id": "1", "peer-ip": "10.9.0.2",
                                             "local-ip": "10.9.0.1", "mtu": "1400"}))
    pid = waiting.order(session, [pppox.fileno(), theirs.fileno()])
    pppox.close()
    theirs.close()
    with open(f"/proc/{pid}/status") as status:
        parent = next(int(line.split()[1]) for line in status if line.startswith("PPid:"))
    client, magic, challenge = Ppp("nobody", "", ["mschapv2"]), None, None
    client.start(time.monotonic())
    while challenge is None and time.monotonic() < until:
        for frame in client.frames():
            tunnel.send(session, frame)
        select.select([tunnel.client], [], [], 0.05)
        client.tick(time.monotonic())
        for frame in tunnel.frames(session):
            request = first_of(LCP, REQUEST, frame)
            if request and magic is None:
                magic = dict(options_of(request[4:])).get(MAGIC)
            request = first_of(CHAP, 1, frame)
            if request:
                challenge = request[5:5 + request[4]]
            client.receive(time.monotonic(), frame)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert magic and challenge, f"session {session}: no challenge"
    return magic, challenge, parent


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--plugin", required=True)
    parser.add_argument("--root", help="run pppd in this folder as its root")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--limit", type=float, default=600, help="seconds")
    options = parser.parse_args()
    until = time.monotonic() + options.limit
    waiting = Waiting((["chroot", options.root] if options.root else []) + ["/usr/sbin/pppd"], options.plugin)
    tunnel = Tunnel()
    drawn = [child(waiting, tunnel, session, until) for session in range(1, options.count + 1)]
    magics, challenges, parents = ({one[i] for one in drawn} for i in range(3))
    print(f"children {len(drawn)}  magic numbers {len(magics)}  challenges {len(challenges)}"
          f"  waiting pid {waiting.process.pid}  parents {len(parents)}")
    waiting.socket.close()
    ended = waiting.process.wait(10)
    sys.exit(len(magics) != len(drawn) or len(challenges) != len(drawn) or parents != {os.getpid()} or ended != 0)


if __name__ == "__main__":
    main()
