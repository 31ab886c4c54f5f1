#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pppd with our plugin against a packaged pppd client over a pseudo terminal: what l2tpd is told, and what the client gets.

Speaks l2tpd's side of the session's bus.  RADIUS is whatever listens on the given address, or the scripted server in here.
"""
import argparse
import hashlib
import hmac
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import tty

CMD_REQUEST, CMD_RESPONSE, EVENT = 0, 1, 7
KEY = 3
PATIENCE = 60  # an emulated processor is slow


def message(keys):
    out = b''
    for key, value in keys.items():
        value = value.encode()
        out += struct.pack('>BB', KEY, len(key)) + key.encode() + struct.pack('>H', len(value)) + value
    return out


def packet(kind, name, keys):
    body = bytes([kind])
    if name:
        body += bytes([len(name)]) + name.encode()
    body += message(keys)
    return struct.pack('>I', len(body)) + body


def parse(body):
    kind, at, name = body[0], 1, None
    if kind in (CMD_REQUEST, EVENT):
        name = body[2:2 + body[1]].decode()
        at = 2 + body[1]
    keys = {}
    while at < len(body):
        assert body[at] == KEY
        key_end = at + 2 + body[at + 1]
        (length,) = struct.unpack_from('>H', body, key_end)
        keys[body[at + 2:key_end].decode()] = body[key_end + 2:key_end + 2 + length].decode()
        at = key_end + 2 + length
    return kind, name, keys


class Bus:
    """l2tpd's end of the bus of one session."""

    def __init__(self, lease, setup):
        self.ours, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.lease, self.reports, self.asked, self.buffer = lease, [], [], b''
        self.ours.sendall(packet(EVENT, 'session-setup', setup))

    def handle(self, name, keys):
        if name == 'session-lease':
            self.asked.append(keys)
            if self.lease is None:
                return
            answer = self.lease if isinstance(self.lease, dict) else {'peer-ip': keys.get('peer-ip', self.lease)}
        else:
            self.reports.append(keys)
            answer = {}
        try:
            self.ours.sendall(packet(CMD_RESPONSE, None, answer))
        except BrokenPipeError:
            pass

    def pump(self, until):
        """Serve the plugin until `until()` says so; False: it went away or it took too long."""
        deadline = time.monotonic() + PATIENCE
        while not until():
            if time.monotonic() > deadline:
                return False
            if not select.select([self.ours], [], [], 0.1)[0]:
                continue
            try:
                data = self.ours.recv(65536)
            except ConnectionResetError:
                data = b''
            if not data:
                return until()
            self.buffer += data
            while len(self.buffer) >= 4:
                (length,) = struct.unpack_from('>I', self.buffer)
                if len(self.buffer) < 4 + length:
                    break
                kind, name, keys = parse(self.buffer[4:4 + length])
                self.buffer = self.buffer[4 + length:]
                assert kind == CMD_REQUEST, kind
                self.handle(name, keys)
        return True

    def state(self, state):
        found = [r for r in self.reports if r['state'] == state]
        return found[-1] if found else None

    def close(self, reason):
        self.ours.sendall(packet(EVENT, 'session-close', {'reason': reason}))


class Radius(threading.Thread):
    """A RADIUS server that is wrong in the way it is told."""

    def __init__(self, how, secret=b'testing123'):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', 0))
        self.port, self.how, self.secret, self.seen = self.socket.getsockname()[1], how, secret, 0
        self.start()

    def run(self):
        while True:
            request, peer = self.socket.recvfrom(4096)
            self.seen += 1
            for answer in self.how(self, request):
                self.socket.sendto(answer, peer)

    def answer(self, request, code, attributes=b'', secret=None, sign=True):
        secret = secret or self.secret
        signature = b'\x50\x12' + bytes(16) if sign else b''
        head = struct.pack('>BBH', code, request[1], 20 + len(signature) + len(attributes))
        if sign:
            mac = hmac.new(secret, head + request[4:20] + signature + attributes, hashlib.md5).digest()
            signature = b'\x50\x12' + mac
        return head + hashlib.md5(head + request[4:20] + signature + attributes + secret).digest() + signature + attributes


def relay(ends, slaves):
    """The line: what goes in at one end comes out at the other, until a pppd has hung up."""
    try:
        while True:
            for end in select.select(ends, [], [])[0]:
                os.write(ends[1 - ends.index(end)], os.read(end, 4096))
    except OSError:
        for fd in ends + slaves:
            os.close(fd)


def vendor(number, value):
    """One of Microsoft's attributes."""
    return struct.pack('>BBIBB', 26, 8 + len(value), 311, number, 2 + len(value)) + value


class Session:
    """Both pppds."""

    def __init__(self, args, options, client, lease='10.9.0.5', setup=None, files=None):
        self.folder = tempfile.mkdtemp(dir=args.results)
        self.bus = Bus(lease, {'session-id': '77', 'tunnel-id': '7', 'lns': 'default', 'acct-session-id': 'A77',
                               'calling-station-id': '192.0.2.9', 'called-station-id': '198.51.100.1',
                               'nas-identifier': 'gw', 'local-ip': '10.9.0.1', 'dns-primary': '10.9.9.53',
                               'mtu': '1400', **(setup or {})})
        ends, slaves = zip(pty.openpty(), pty.openpty())
        for slave in slaves:
            tty.setraw(slave)
        self.server_log, self.client_log = self.folder + '/server.log', self.folder + '/client.log'
        server = [args.pppd, os.ttyname(slaves[0]), 'nodetach', 'logfd', '2', 'local', 'nopersist', 'noipv6', 'noccp', 'nodefaultroute',
                  'debug', 'noipdefault', 'refuse-pap', 'refuse-chap', 'refuse-mschap', 'refuse-mschap-v2', 'refuse-eap',
                  'auth', 'mru', '1400', 'mtu', '1400', 'lcp-max-terminate', '1', 'plugin', args.plugin,
                  'l2tpd-bus', str(self.bus.theirs.fileno())] + options
        if args.wrap:
            server = args.wrap.split() + server
        with open(self.server_log, 'wb') as log:
            self.server = subprocess.Popen(server, pass_fds=[self.bus.theirs.fileno()], stdin=subprocess.DEVNULL,
                                           stdout=log, stderr=log)
        self.bus.theirs.close()
        client = [args.client, os.ttyname(slaves[1]), 'nodetach', 'logfd', '2', 'local', 'nopersist', 'noipv6', 'noauth', 'nodefaultroute',
                  'debug', 'usepeerdns', 'lcp-max-terminate', '1', 'noccp'] + client
        with open(self.client_log, 'wb') as log:
            self.client = subprocess.Popen(client, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        threading.Thread(target=relay, args=(ends, slaves), daemon=True).start()

    def up(self):
        return self.bus.pump(lambda: self.bus.state('up'))

    def down(self):
        return self.bus.pump(lambda: self.bus.state('down'))

    def until(self, true):
        deadline = time.monotonic() + PATIENCE
        while not true() and time.monotonic() < deadline:
            time.sleep(0.05)

    def end(self):
        for process in (self.client, self.server):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in (self.client, self.server):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def log(self, path):
        with open(path, errors='replace') as f:
            return f.read()


failures = 0


def check(what, good, seen=''):
    global failures
    print('%s %s%s' % ('ok  ' if good else 'FAIL', what, '  [%s]' % seen if seen else ''), flush=True)
    if not good:
        failures += 1


def text(report):
    return '%s: %s' % (report.get('stage'), report.get('reason')) if report else 'no report'


def comes_up(args, what, options, client, user, auth, lease_wish=None, **more):
    s = Session(args, options, client, **more)
    up = s.up()
    check(what, up, text(s.bus.state('down')) if not up else '')
    if up:
        report = s.bus.state('up')
        check('  reports', (report.get('user'), report.get('auth')) == (user, auth) and report.get('ifname', '').startswith('ppp')
              and report.get('mtu') == '1400', report)
        if s.bus.asked:
            check('  asks for the lease', s.bus.asked == [{'user': user, **({'peer-ip': lease_wish} if lease_wish else {})}],
                  s.bus.asked)
    return s, up


def ends(s, what, stage, reason, exit_status=None):
    down = s.down()
    report = s.bus.state('down')
    check(what, down and report['stage'] == stage and re.search(reason, report['reason']), text(report))
    s.end()
    if exit_status is not None:
        # or with that of a hang-up, when the client was quicker to leave
        check('  pppd ends with %d' % exit_status, s.server.returncode in (exit_status, 16), s.server.returncode)
    return report or {}


def local(args):
    known = ['user', 'local', 'password', 'l0cal']
    for auth, require in (('pap', 'require-pap'), ('chap', 'require-chap'), ('mschapv2', 'require-mschap-v2')):
        s, up = comes_up(args, 'local, %s' % auth, ['l2tpd-auth', 'local', require], known, 'local', auth,
                         setup={'peer-ip': '10.9.0.5'})
        if up:
            s.until(lambda: 'primary' in s.log(s.client_log))
            ping = subprocess.run(['ping', '-c', '2', '-W', '5', '-I', '10.9.0.5', '10.9.0.1'], capture_output=True)
            check('  gets its address and DNS server', 'local  IP address 10.9.0.5' in s.log(s.client_log)
                  and 'primary   DNS address 10.9.9.53' in s.log(s.client_log))
            s.bus.close('said the administrator')
            report = ends(s, '  session-close ends it', 'up', 'said the administrator', 5)
            check('  counts traffic', int(report.get('bytes-in', 0)) > 0 and int(report.get('packets-out', 0)) > 0,
                  {k: v for k, v in report.items() if '-in' in k or '-out' in k})
        s.end()
    s = Session(args, ['l2tpd-auth', 'local', 'require-mschap-v2'], ['user', 'local', 'password', 'wrong'],
                setup={'peer-ip': '10.9.0.5'})
    report = ends(s, 'local, wrong password', 'auth', 'wrong password, or no such user', 11)
    check('  names the user', report.get('user') == 'local', report.get('user'))
    s = Session(args, ['l2tpd-auth', 'local', 'require-mschap-v2'], known + ['refuse-mschap-v2'],
                setup={'peer-ip': '10.9.0.5'})
    ends(s, 'client refuses MS-CHAPv2', 'lcp', 'refuses to authenticate by MS-CHAPv2')
    s = Session(args, ['l2tpd-auth', 'local', 'require-pap'], known)
    ends(s, 'local, no address leased', 'lease', 'no address', 1)
    s, up = comes_up(args, 'local, client leaves', ['l2tpd-auth', 'local', 'require-pap'], known, 'local', 'pap',
                     setup={'peer-ip': '10.9.0.5'})
    s.client.terminate()
    ends(s, '  its last words are reported', 'up', 'the client ended the session: User request')
    s, up = comes_up(args, 'local, l2tpd goes away', ['l2tpd-auth', 'local', 'require-pap'], known, 'local', 'pap',
                     setup={'peer-ip': '10.9.0.5'})
    s.bus.ours.shutdown(socket.SHUT_RDWR)
    try:
        s.server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        pass
    check('  pppd ends', s.server.returncode == 5, s.server.returncode)
    s.end()


class FreeRadius:
    """The real server, with no more than PAP, CHAP and MS-CHAP."""

    CONFIG = '''
prefix = /usr
libdir = /usr/lib/freeradius
logdir = {folder}
run_dir = {folder}
raddbdir = {folder}
pidfile = {folder}/pid
security {{
	reject_delay = 0
}}
client localhost {{
	ipaddr = 127.0.0.1
	secret = testing123
}}
modules {{
	files {{
		usersfile = {folder}/users
	}}
	pap {{
	}}
	chap {{
	}}
	mschap {{
	}}
}}
server default {{
	listen {{
		type = auth
		ipaddr = 127.0.0.1
		port = 18120
	}}
	authorize {{
		files
		chap
		mschap
		pap
	}}
	authenticate {{
		Auth-Type PAP {{
			pap
		}}
		Auth-Type CHAP {{
			chap
		}}
		Auth-Type MS-CHAP {{
			mschap
		}}
	}}
	# before 3.2.5 it does so only when told
	post-auth {{
		update reply {{
			Message-Authenticator = 0x00
		}}
		Post-Auth-Type REJECT {{
			update reply {{
				Message-Authenticator = 0x00
			}}
		}}
	}}
}}
'''
    USERS = '''
alice Cleartext-Password := "al1ce"
	Framed-IP-Address = 10.9.0.77, MS-Primary-DNS-Server = 10.9.9.54, Session-Timeout = 3600, Idle-Timeout = 600
bob Cleartext-Password := "b0b"
	Framed-IP-Address = 255.255.255.254
any Cleartext-Password := "any"
	Framed-IP-Address = 255.255.255.255
loop Cleartext-Password := "loop"
	Framed-IP-Address = 127.0.0.1
shell Cleartext-Password := "shell"
	Service-Type = Login-User
short Cleartext-Password := "short"
	Session-Timeout = 2
closed Auth-Type := Reject
	Reply-Message = "Your account is closed"
jürgen Cleartext-Password := "grün"
long Cleartext-Password := "{long}"
'''
    LONG = 'x' * 65

    def __init__(self, args):
        self.folder = args.results + '/freeradius'
        os.makedirs(self.folder, mode=0o700)
        for name, content in (('radiusd.conf', self.CONFIG.format(folder=self.folder)),
                              ('users', self.USERS.format(long=self.LONG))):
            with open('%s/%s' % (self.folder, name), 'w', encoding='utf-8') as f:
                f.write(content)
        self.process = subprocess.Popen(['freeradius', '-X', '-d', self.folder, '-n', 'radiusd'], stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, errors='replace')
        said = []
        for line in self.process.stdout:
            said.append(line)
            if 'Ready to process requests' in line:
                break
        else:
            sys.exit(''.join(said[-20:]))
        threading.Thread(target=self.drain, daemon=True).start()

    def drain(self):
        with open(self.folder + '/log', 'w') as log:
            for line in self.process.stdout:
                log.write(line)
                log.flush()

    def stop(self):
        self.process.terminate()
        self.process.wait()


REQUIRE = {'pap': 'require-pap', 'chap': 'require-chap', 'mschapv2': 'require-mschap-v2'}


def radius_options(args, auth, *ports):
    options = ['l2tpd-auth', 'radius', REQUIRE[auth], 'l2tpd-radius-timeout', '500', 'l2tpd-radius-tries', '2']
    for port in ports:
        options += ['l2tpd-radius-server', '127.0.0.1:%d' % port, 'l2tpd-radius-secret', args.secret]
    return options


def credentials(user, password):
    return ['user', user, 'password', password]


def radius(args):
    server = FreeRadius(args)
    for auth in ('pap', 'chap', 'mschapv2'):
        options = radius_options(args, auth, 18120)
        s, up = comes_up(args, 'radius, %s' % auth, options, credentials('alice', 'al1ce'), 'alice', auth, '10.9.0.77')
        if up:
            s.until(lambda: 'primary' in s.log(s.client_log))
            check('  gets what RADIUS says', 'local  IP address 10.9.0.77' in s.log(s.client_log)
                  and 'primary   DNS address 10.9.9.54' in s.log(s.client_log))
            check('  is told about once', [r['state'] for r in s.bus.reports] == ['lcp', 'authenticated', 'up'], s.bus.reports)
            s.bus.close('said the administrator')
            ends(s, '  session-close ends it', 'up', 'said the administrator', 5)
        s.end()
        s = Session(args, options, credentials('alice', 'wrong'))
        report = ends(s, 'radius, %s, wrong password' % auth, 'auth',
                      '^RADIUS server 127.0.0.1:18120 rejected the user', 11)
        check('  names the user', report.get('user') == 'alice', report.get('user'))
        if auth == 'mschapv2':
            check('  tells the client in the form it knows, and that it may try again', re.search(r'E=691 R=1 C=[0-9A-F]{32} V=3 M=', s.log(s.server_log)))
    pap = radius_options(args, 'pap', 18120)
    for what, user, password, shown in (('not ASCII', 'jürgen', 'grün', r'j\xc3\xbcrgen'),
                                        ('65 bytes of password', 'long', FreeRadius.LONG, 'long'),
                                        ('no address from RADIUS', 'bob', 'b0b', 'bob'),
                                        ('any address from RADIUS', 'any', 'any', 'any')):
        s, up = comes_up(args, 'radius, pap, %s' % what, pap, credentials(user, password), shown, 'pap')
        s.end()
    for what, user, password, stage, reason in (
            ('account closed', 'closed', 'x', 'auth', 'rejected the user: Your account is closed'),
            ('unknown user', 'nobody', 'x', 'auth', 'rejected the user'),
            ('loopback address from RADIUS', 'loop', 'loop', 'auth', 'Framed-IP-Address 127.0.0.1, which no client can have'),
            ('not a PPP user', 'shell', 'shell', 'auth', 'Service-Type 1, not Framed-User'),
            ('password too long', 'long', 'x' * 129, 'auth', 'longer than the 128 bytes')):
        ends(Session(args, pap, credentials(user, password)), 'radius, %s' % what, stage, reason, 11)
    s, up = comes_up(args, 'radius, Session-Timeout', pap, credentials('short', 'short'), 'short', 'pap')
    ends(s, '  ends it', 'up', 'the time allowed is over', 13)
    s = Session(args, radius_options(args, 'mschapv2', 18120), credentials('bob', 'b0b'), lease={'errmsg': 'pool office is full'})
    ends(s, 'lease refused', 'lease', '^pool office is full$', 11)
    check('  the client is told', 'M=No address available' in s.log(s.server_log))
    s = Session(args, radius_options(args, 'pap', 18120), credentials('bob', 'b0b'), lease=None)
    ends(s, 'lease never answered', 'lease', 'l2tpd does not answer', 11)
    server.stop()


def wrong(args):
    mschap_error = vendor(2, b'\0E=648 R=0 C=1 V=3')
    good = Radius(lambda r, q: [r.answer(q, 2)])
    silent, mute = Radius(lambda r, q: []), Radius(lambda r, q: [])
    closed = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    closed.bind(('127.0.0.1', 0))
    nobody = closed.getsockname()[1]
    closed.close()
    for what, how, reason in (
            ('wrong secret', lambda r, q: [r.answer(q, 2, secret=b'other')], 'wrong authenticator: does the shared secret differ'),
            ('no Message-Authenticator', lambda r, q: [r.answer(q, 2, sign=False)], 'no Message-Authenticator: update that server'),
            ('garbage', lambda r, q: [b'', b'\x02', os.urandom(4096)], 'malformed'),
            ('a challenge', lambda r, q: [r.answer(q, 11)], 'wants to ask the user more')):
        s = Session(args, radius_options(args, 'pap', Radius(how).port), credentials('bob', 'b0b'))
        ends(s, 'radius answers with %s' % what, 'auth', reason, 11)
    s = Session(args, radius_options(args, 'pap', Radius(lambda r, q: [r.answer(q, 2, secret=b'x'), r.answer(q, 2)]).port),
                credentials('bob', 'b0b'))
    check('a forged answer before the right one does no harm', s.up())
    s.end()
    s = Session(args, radius_options(args, 'pap', silent.port), credentials('bob', 'b0b'))
    ends(s, 'radius is silent', 'auth', r'no answer from RADIUS server 127.0.0.1:\d+ \(2 tries\): is it running', 11)
    check('  the client is told', 'The authentication server does not answer' in s.log(s.server_log))
    s = Session(args, radius_options(args, 'pap', nobody), credentials('bob', 'b0b'))
    ends(s, 'radius is not running', 'auth', 'nothing listens there', 11)
    s, up = comes_up(args, 'the second server answers', radius_options(args, 'chap', silent.port, nobody, good.port),
                     credentials('bob', 'b0b'), 'bob', 'chap')
    s.end()
    s = Session(args, radius_options(args, 'mschapv2', good.port), credentials('bob', 'b0b'))
    ends(s, 'accept without MS-CHAP2-Success', 'auth', 'without MS-CHAP2-Success', 11)
    s = Session(args, radius_options(args, 'mschapv2', Radius(lambda r, q: [r.answer(q, 3, mschap_error)]).port),
                credentials('bob', 'b0b'))
    ends(s, 'password expired', 'auth', r'the password has expired \(E=648\)', 11)
    s = Session(args, ['l2tpd-auth', 'radius', 'require-pap'], credentials('bob', 'b0b'))
    ends(s, 'no server given', 'auth', 'without a server', 1)
    s = Session(args, radius_options(args, 'pap', good.port) + ['noauth'], credentials('bob', 'b0b'))
    ends(s, 'noauth among the options', 'auth', 'require none of', 1)
    s = Session(args, radius_options(args, 'chap', mute.port), credentials('bob', 'b0b'))
    s.until(lambda: mute.seen)
    s.bus.close('said the administrator')
    ends(s, 'session-close while RADIUS is asked', 'auth', 'said the administrator', 5)


def prepare(args):
    os.makedirs('/etc/ppp', exist_ok=True)
    for name in ('pap-secrets', 'chap-secrets'):
        with open('/etc/ppp/' + name, 'w', opener=lambda p, f: os.open(p, f, 0o600)) as f:
            f.write('local * l0cal *\n')
    with open('/etc/ppp/options', 'w') as f:
        f.write('')
    args.secret = args.results + '/secret'
    with open(args.secret, 'w', opener=lambda p, f: os.open(p, f, 0o600)) as f:
        f.write('testing123\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--plugin', required=True)
    parser.add_argument('--pppd', default='/usr/sbin/pppd')
    parser.add_argument('--client', default='/usr/sbin/pppd')
    parser.add_argument('--results', required=True)
    parser.add_argument('--wrap', help='run the server under this: valgrind, for example')
    parser.add_argument('group', nargs='*', default=['local'])
    args = parser.parse_args()
    os.makedirs(args.results, exist_ok=True)
    prepare(args)
    for group in args.group:
        globals()[group](args)
    print('%d failures' % failures)
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
