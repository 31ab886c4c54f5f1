/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What travels on the bus, as records: each is one table of keys, from which come its C struct, its
 * writer, its reader, l2tpctl's output and the manual.  A field at its zero value is not sent, and
 * a key that is missing or unknown is no error: so either side may be newer than the other.
 */
#ifndef LIB_BUS_RECORD_H
#define LIB_BUS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/addr.h"
#include "lib/base/buf.h"

struct msg_out;

/*
 * Kinds of fields.  On the wire all are text: numbers in decimal (HEX: 0x...), FLAG as yes or no,
 * ADDR as addr_parse() takes it, TEXT as bytes.
 */
enum bus_kind { BUS_U32, BUS_U64, BUS_HEX, BUS_FLAG, BUS_TEXT, BUS_ADDR };

#define BUS_TEXT_LEN   256  /* with the end; longer text is cut */
#define BUS_RECORD_MAX 8192 /* bytes of message in which any record fits */

typedef uint32_t bus_u32_t;
typedef uint64_t bus_u64_t;
typedef uint32_t bus_hex_t;
typedef bool bus_flag_t;
typedef char bus_text_t[BUS_TEXT_LEN];
typedef struct addr bus_addr_t;

/* X(KIND, type, member, key, text) */

/* list-sa, sa-up, sa-rekey, sa-migrate, sa-update, sa-down */
#define BUS_SA_FIELDS(X)                                                                           \
	X(U32, u32, mark, "mark", "mark of decrypted packets; names the SA as long as it lives")   \
	X(U32, u32, reqid, "reqid", "what per-socket policies name; survives rekeying")            \
	X(TEXT, text, connection, "connection", "name of the connection in swanctl.conf")          \
	X(TEXT, text, child, "child", "name of the child in swanctl.conf")                         \
	X(U32, u32, ike_id, "ike-id", "unique id of the IKE_SA")                                   \
	X(U32, u32, child_id, "child-id", "unique id of the CHILD_SA")                             \
	X(U32, u32, ike_version, "ike-version", "1 or 2")                                          \
	X(ADDR, addr, local, "local", "our address and IKE port")                                  \
	X(ADDR, addr, remote, "remote", "the peer's address and IKE port, outside its NAT")        \
	X(U32, u32, peer_port, "peer-port",                                                        \
	  "the peer's UDP port inside ESP, as negotiated; absent: any")                            \
	X(FLAG, flag, encap, "encap", "ESP travels in UDP")                                        \
	X(TEXT, text, remote_id, "remote-id", "the peer's IKE identity")                           \
	X(TEXT, text, remote_eap_id, "remote-eap-id",                                              \
	  "its EAP or XAuth identity, when it has one")                                            \
	X(TEXT, text, auth, "auth", "how the peer authenticated: psk, pubkey, eap, xauth")         \
	X(TEXT, text, cert_subject, "cert-subject",                                                \
	  "subject of the peer's certificate, if it fits")                                         \
	X(TEXT, text, cert_names, "cert-names",                                                    \
	  "its alternative names: addresses of mail, host names; those that fit")                  \
	X(TEXT, text, cipher, "cipher", "ESP algorithms")                                          \
	X(U32, u32, iv_bytes, "iv-bytes", "length of the cipher's IV in each packet")              \
	X(U32, u32, icv_bytes, "icv-bytes", "length of the integrity check in each packet")        \
	X(U32, u32, block_bytes, "block-bytes", "what packets are padded to a multiple of")        \
	X(HEX, hex, spi_in, "spi-in", "inbound SPI")                                               \
	X(HEX, hex, spi_out, "spi-out", "outbound SPI")                                            \
	X(HEX, hex, instance, "instance", "random number of this run of charon")                   \
	X(TEXT, text, reason, "reason", "why it went down")                                        \
	X(FLAG, flag, by_peer, "by-peer", "... as the peer has asked for it")                      \
	X(U32, u32, tunnels, "tunnels", "tunnels bound to it (from l2tpd only)")

/* version of charon's plugin */
#define BUS_CHARON_FIELDS(X)                                                                       \
	X(TEXT, text, version, "version", "version of the plugin")                                 \
	X(TEXT, text, charon, "charon", "version of charon")                                       \
	X(FLAG, flag, ikev1, "ikev1", "charon speaks IKEv1")                                       \
	X(TEXT, text, problem, "problem", "what is wrong with charon, if anything")

/* terminate-sa */
#define BUS_TERMINATE_FIELDS(X)                                                                    \
	X(U32, u32, mark, "mark", "which SA")                                                      \
	X(TEXT, text, reason, "reason", "why, for charon's log")

/* set-gate */
#define BUS_GATE_FIELDS(X)                                                                         \
	X(FLAG, flag, closed, "closed", "new clients are to be refused")                           \
	X(TEXT, text, reason, "reason", "why, for charon's log")

/* session-setup; session-resume, with what has been added since */
#define BUS_SETUP_FIELDS(X)                                                                        \
	X(U32, u32, session, "session-id", "our L2TP session id")                                  \
	X(U32, u32, tunnel, "tunnel-id", "our L2TP tunnel id")                                     \
	X(TEXT, text, lns, "lns", "name of the lns section that serves it")                        \
	X(TEXT, text, acct_session_id, "acct-session-id", "Acct-Session-Id (RFC 2866 5.5)")        \
	X(TEXT, text, calling_station_id, "calling-station-id", "outer address of the client")     \
	X(TEXT, text, called_station_id, "called-station-id", "address that the client called")    \
	X(TEXT, text, nas_identifier, "nas-identifier", "NAS-Identifier (RFC 2865 5.32)")          \
	X(ADDR, addr, local_ip, "local-ip", "our address inside PPP")                              \
	X(ADDR, addr, peer_ip, "peer-ip",                                                          \
	  "the peer's, when leased already (auth = local, session-resume)")                        \
	X(ADDR, addr, dns_primary, "dns-primary", "DNS server for the peer")                       \
	X(ADDR, addr, dns_secondary, "dns-secondary", "second DNS server for the peer")            \
	X(U32, u32, mtu, "mtu", "largest packet inside PPP, in bytes")                             \
	X(TEXT, text, bus, "bus", "socket to resume at when this connection has ended, if any")    \
	X(TEXT, text, user, "user", "session-resume: who has the lease of peer-ip")

/* session-lease: asked with user and peer-ip (what RADIUS says, or none); answers session-resume */
#define BUS_GRANT_FIELDS(X)                                                                        \
	X(TEXT, text, user, "user", "who was authenticated")                                       \
	X(ADDR, addr, peer_ip, "peer-ip", "asked: Framed-IP-Address; answered: what is leased")    \
	X(TEXT, text, errmsg, "errmsg", "answered: why there is no lease")                         \
	X(FLAG, flag, denied, "denied", "answered: the user may not come from this peer")

/* session-report */
#define BUS_REPORT_FIELDS(X)                                                                       \
	X(TEXT, text, state, "state", "lcp (it has begun), authenticated, up or down")             \
	X(TEXT, text, user, "user", "who was, or failed to be, authenticated")                     \
	X(TEXT, text, auth, "auth", "pap, chap or mschapv2")                                       \
	X(TEXT, text, ifname, "ifname", "name of the ppp interface")                               \
	X(ADDR, addr, peer_ip, "peer-ip", "the peer's address")                                    \
	X(U32, u32, mtu, "mtu", "MTU in force")                                                    \
	X(TEXT, text, stage, "stage", "down: where it ended: lcp, auth, lease, ipcp, up")          \
	X(TEXT, text, reason, "reason", "down: why, for people")                                   \
	X(U64, u64, uptime_s, "uptime", "seconds since up")                                        \
	X(U64, u64, up_since_us, "up-since",                                                       \
	  "when it came up, by this host's monotonic clock, us")                                   \
	X(FLAG, flag, again, "again", "that it came up has been told, to an engine that is gone")  \
	X(U64, u64, bytes_in, "bytes-in", "from the peer")                                         \
	X(U64, u64, bytes_out, "bytes-out", "to the peer")                                         \
	X(U64, u64, packets_in, "packets-in", "from the peer")                                     \
	X(U64, u64, packets_out, "packets-out", "to the peer")

/* session-close */
#define BUS_CLOSE_FIELDS(X) X(TEXT, text, reason, "reason", "why, for logs and the peer")

/* list-tunnel, tunnel-up, tunnel-down, tunnel-moved */
#define BUS_TUNNEL_FIELDS(X)                                                                       \
	X(U32, u32, tunnel, "tunnel-id", "our tunnel id")                                          \
	X(U32, u32, peer_tunnel, "peer-tunnel-id", "the peer's tunnel id")                         \
	X(TEXT, text, state, "state", "state of the control connection")                           \
	X(ADDR, addr, local, "local", "address that the client called")                            \
	X(ADDR, addr, peer, "peer", "the client's address and port")                               \
	X(U32, u32, mark, "mark", "its SA; absent without IPsec")                                  \
	X(TEXT, text, identity, "identity", "the peer's IKE identity")                             \
	X(TEXT, text, host_name, "host-name", "Host Name AVP of the peer")                         \
	X(TEXT, text, vendor_name, "vendor-name", "Vendor Name AVP of the peer")                   \
	X(U32, u32, sessions, "sessions", "sessions in it")                                        \
	X(U64, u64, age_s, "age", "seconds since its first message")                               \
	X(U64, u64, retransmits, "retransmits", "control messages sent again")                     \
	X(TEXT, text, reason, "reason", "down: why")

/* list-session, session-up, session-down */
#define BUS_SESSION_FIELDS(X)                                                                      \
	X(U32, u32, session, "session-id", "our session id, unique in the daemon")                 \
	X(U32, u32, peer_session, "peer-session-id", "the peer's session id")                      \
	X(U32, u32, tunnel, "tunnel-id", "our tunnel id")                                          \
	X(TEXT, text, state, "state", "state of the session")                                      \
	X(TEXT, text, user, "user", "who is connected")                                            \
	X(TEXT, text, auth, "auth", "how the user authenticated")                                  \
	X(TEXT, text, ifname, "ifname", "name of the ppp interface")                               \
	X(ADDR, addr, peer_ip, "peer-ip", "the user's address")                                    \
	X(ADDR, addr, local_ip, "local-ip", "our address inside PPP")                              \
	X(U32, u32, mtu, "mtu", "MTU in force")                                                    \
	X(U32, u32, outer_mtu, "outer-mtu", "largest packet of the path to the client")            \
	X(U32, u32, overhead, "overhead", "bytes of it that are not for the packet inside PPP")    \
	X(TEXT, text, mtu_note, "mtu-note", "what the administrator should know of the MTU")       \
	X(TEXT, text, cipher, "cipher", "ESP algorithms; absent without IPsec")                    \
	X(ADDR, addr, peer, "peer", "the client's outer address and port")                         \
	X(TEXT, text, identity, "identity", "the peer's IKE identity")                             \
	X(U32, u32, mark, "mark", "its SA; absent without IPsec")                                  \
	X(TEXT, text, lns, "lns", "name of the lns section that serves it")                        \
	X(TEXT, text, acct_session_id, "acct-session-id", "Acct-Session-Id")                       \
	X(TEXT, text, role, "role",                                                                \
	  "our part in the call: lns-incoming, lns-outgoing, lac-incoming, lac-outgoing")          \
	X(TEXT, text, calling_number, "calling-number", "who calls, as the LAC says")              \
	X(TEXT, text, called_number, "called-number", "who is called, as the LAC says")            \
	X(U32, u32, tx_speed, "tx-speed", "of the LAC's line to the client, bits per second")      \
	X(U32, u32, rx_speed, "rx-speed", "of the LAC's line from the client, if it differs")      \
	X(U64, u64, line_errors, "line-errors", "of the LAC's line, as its last WEN tells")        \
	X(HEX, hex, accm_send, "accm-send", "what the last SLI wants escaped to the client")       \
	X(HEX, hex, accm_receive, "accm-receive", "... from the client")                           \
	X(U32, u32, pid, "pid", "process id of its pppd")                                          \
	X(U64, u64, age_s, "age", "seconds since ICRQ")                                            \
	X(U64, u64, uptime_s, "uptime", "seconds since up")                                        \
	X(U64, u64, bytes_in, "bytes-in", "from the peer")                                         \
	X(U64, u64, bytes_out, "bytes-out", "to the peer")                                         \
	X(U64, u64, packets_in, "packets-in", "from the peer")                                     \
	X(U64, u64, packets_out, "packets-out", "to the peer")                                     \
	X(TEXT, text, reason, "reason", "down: why")

/* list-lease */
#define BUS_LEASE_FIELDS(X)                                                                        \
	X(ADDR, addr, ip, "ip", "the address")                                                     \
	X(TEXT, text, pool, "pool", "the pool it is from; absent: from RADIUS, outside all pools") \
	X(U32, u32, session, "session-id", "who uses it")                                          \
	X(TEXT, text, user, "user", "who uses it")                                                 \
	X(U64, u64, age_s, "age", "seconds since it was leased")

/* list-failure, failure, ike-failed */
#define BUS_FAILURE_FIELDS(X)                                                                      \
	X(U64, u64, time_s, "time", "when, seconds since 1970")                                    \
	X(U64, u64, age_s, "age", "seconds ago")                                                   \
	X(ADDR, addr, peer, "peer", "the client's outer address and port")                         \
	X(TEXT, text, identity, "identity", "the peer's IKE identity")                             \
	X(TEXT, text, user, "user", "the user, as far as it got")                                  \
	X(U32, u32, tunnel, "tunnel-id", "our tunnel id")                                          \
	X(U32, u32, session, "session-id", "our session id")                                       \
	X(TEXT, text, stage, "stage",                                                              \
	  "how far it got: ipsec, tunnel, session, lcp, auth, lease, ipcp")                        \
	X(TEXT, text, reason, "reason", "why it failed, and what to do about it")

/* status */
#define BUS_STATUS_FIELDS(X)                                                                       \
	X(TEXT, text, version, "version", "version of l2tpd")                                      \
	X(U64, u64, uptime_s, "uptime", "seconds since the engine started")                        \
	X(TEXT, text, kernel, "kernel", "the running kernel")                                      \
	X(FLAG, flag, charon, "charon", "connected to charon's plugin")                            \
	X(TEXT, text, charon_version, "charon-version", "version of charon")                       \
	X(FLAG, flag, ikev1, "ikev1", "charon speaks IKEv1, as most clients do")                   \
	X(FLAG, flag, draining, "draining", "no new clients are taken (drain)")                    \
	X(U32, u32, sas, "sas", "SAs that can carry tunnels")                                      \
	X(U32, u32, tunnels, "tunnels", "tunnels, in any state")                                   \
	X(U32, u32, sessions, "sessions", "sessions, in any state")                                \
	X(U32, u32, sessions_up, "sessions-up", "users connected")                                 \
	X(U32, u32, leases, "leases", "addresses in use")                                          \
	X(U32, u32, addresses, "addresses", "addresses in all pools")                              \
	X(U64, u64, failures, "failures", "failed attempts since start")                           \
	X(TEXT, text, problem, "problem", "what needs the administrator, if anything")

/* list-counter */
#define BUS_COUNTER_FIELDS(X)                                                                      \
	X(TEXT, text, name, "name", "a stable word")                                               \
	X(U64, u64, value, "value", "how many since the start of the daemon")                      \
	X(TEXT, text, help, "help", "what is counted")

/* disconnect; answered with `count` or `errmsg` */
#define BUS_DISCONNECT_FIELDS(X)                                                                   \
	X(U32, u32, session, "session-id", "this session")                                         \
	X(U32, u32, tunnel, "tunnel-id", "this tunnel with all its sessions")                      \
	X(TEXT, text, user, "user", "all sessions of this user")                                   \
	X(TEXT, text, reason, "reason", "what the peer and the log are told")                      \
	X(U32, u32, count, "count", "answered: how many were ended")                               \
	X(TEXT, text, errmsg, "errmsg", "answered: why none was")

/* X(name, NAME): struct bus_sa and its table bus_sa_record, and so on */
#define BUS_RECORDS(X)                                                                             \
	X(sa, SA)                                                                                  \
	X(charon, CHARON)                                                                          \
	X(terminate, TERMINATE)                                                                    \
	X(gate, GATE)                                                                              \
	X(setup, SETUP)                                                                            \
	X(grant, GRANT)                                                                            \
	X(report, REPORT)                                                                          \
	X(close, CLOSE)                                                                            \
	X(tunnel, TUNNEL)                                                                          \
	X(session, SESSION)                                                                        \
	X(lease, LEASE)                                                                            \
	X(failure, FAILURE)                                                                        \
	X(status, STATUS)                                                                          \
	X(counter, COUNTER)                                                                        \
	X(disconnect, DISCONNECT)

#define BUS_MEMBER(KIND, type, member, key, text) bus_##type##_t member;

struct bus_sa {
	BUS_SA_FIELDS(BUS_MEMBER)
};
struct bus_charon {
	BUS_CHARON_FIELDS(BUS_MEMBER)
};
struct bus_terminate {
	BUS_TERMINATE_FIELDS(BUS_MEMBER)
};
struct bus_gate {
	BUS_GATE_FIELDS(BUS_MEMBER)
};
struct bus_setup {
	BUS_SETUP_FIELDS(BUS_MEMBER)
};
struct bus_grant {
	BUS_GRANT_FIELDS(BUS_MEMBER)
};
struct bus_report {
	BUS_REPORT_FIELDS(BUS_MEMBER)
};
struct bus_close {
	BUS_CLOSE_FIELDS(BUS_MEMBER)
};
struct bus_tunnel {
	BUS_TUNNEL_FIELDS(BUS_MEMBER)
};
struct bus_session {
	BUS_SESSION_FIELDS(BUS_MEMBER)
};
struct bus_lease {
	BUS_LEASE_FIELDS(BUS_MEMBER)
};
struct bus_failure {
	BUS_FAILURE_FIELDS(BUS_MEMBER)
};
struct bus_status {
	BUS_STATUS_FIELDS(BUS_MEMBER)
};
struct bus_counter {
	BUS_COUNTER_FIELDS(BUS_MEMBER)
};
struct bus_disconnect {
	BUS_DISCONNECT_FIELDS(BUS_MEMBER)
};

struct bus_field {
	const char *key;
	const char *text;
	enum bus_kind kind;
	size_t offset; /* in the struct */
};

struct bus_record {
	const char *name;
	const struct bus_field *fields;
	size_t n;
	size_t size; /* of the struct */
};

#define BUS_DECLARE(name, NAME) extern const struct bus_record bus_##name##_record;
BUS_RECORDS(BUS_DECLARE)
#undef BUS_DECLARE

/*
 * The value of one field of `obj` as it is sent, as a C string; false and "" when it is zero: flags
 * read "yes", numbers are plain.
 */
bool bus_field_format(const struct bus_field *field, const void *obj,
		      char ret[static BUS_TEXT_LEN]);

/* Append the fields of `obj` (the struct of `record`) that are not zero to the message `out`. */
void bus_write(struct msg_out *out, const struct bus_record *record, const void *obj);

/*
 * Fill `ret` (the struct of `record`) from the message `msg`: what is missing becomes zero, unknown
 * keys, sections and lists are passed over, of equal keys the last counts, too long text is cut.
 * -EBADMSG: not a well-formed message, or a value that does not fit its kind; `ret` is all zero
 * then.
 */
int bus_read(struct view msg, const struct bus_record *record, void *ret);

#endif
