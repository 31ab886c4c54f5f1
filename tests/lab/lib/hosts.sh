# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Simulated hosts.  Each is a set of namespaces (network, processes, mounts, names) with a root file system of its own that
# starts as a copy of the machine's: /etc, /run and /var differ from host to host, as they do on real ones.

# The lower layers of a host's root: the machine's own, and on the gateway our installed parts and those of --layer over it.
layers_of() {
	local layers=$LAB/lower stage
	if [ "$1" = gw ]; then
		for stage in "$LAB/stage/${LAB_PARTS:-plain}" "$LAB/stage/layer"; do
			[ -d "$stage" ] && layers=$stage:$layers
		done
	fi
	echo "$layers"
}

hosts() {
	ls "$LAB/hosts"
}

# host_add NAME
host_add() {
	local pid name=$1 here=$LAB/hosts/$1
	mkdir -p "$here"/{upper,work,root} "$LAB_OUT/$name"
	unshare --mount --net --uts --ipc --pid --fork --kill-child -- \
		"$LAB/tree/tests/lab/guest/host" "$name" "$(layers_of "$name")" "$LAB_OUT/$name" </dev/null >"$LAB_OUT/$name/host.log" 2>&1 &
	local unshare=$!
	soon 20 test -e "$here/ready" || fail "host $name" "$(cat "$LAB_OUT/$name/host.log")"
	read -r pid <"/proc/$unshare/task/$unshare/children"
	echo "$pid" >"$here/pid"
}

# host_off NAME: as if its power cord were pulled.  Nobody gets to say goodbye.
host_off() {
	host_pid "$1" && kill -KILL "$pid"
}

# Sets pid to the process that stands for a host, which is also what `ip link ... netns` wants.
host_pid() {
	read -r pid <"$LAB/hosts/$1/pid"
}

# host_has HOST PATH: without starting a program, for those who ask again and again.
host_has() {
	local pid
	host_pid "$1" && [ -e "/proc/$pid/root$2" ]
}

# on HOST COMMAND...: runs a command there and returns its status.
on() {
	local pid
	host_pid "$1" || return
	shift
	"$LAB/busybox" nsenter -t "$pid" -m -u -i -n -p -- "$(program "$1")" "${@:2}"
}

# busybox prefers its own ping and ip to the system's unless it is given a path.
program() {
	type -P "$1" || echo "$1"
}

# file HOST PATH [MODE] <<END: writes a file there.
file() {
	local pid path
	host_pid "$1" || return
	path=/proc/$pid/root$2
	[ -d "${path%/*}" ] || "$LAB/busybox" mkdir -p "${path%/*}"
	"$LAB/busybox" cat >"$path" && "$LAB/busybox" chmod "${3:-0644}" "$path"
}

# start HOST NAME COMMAND...: a program in the background; its output goes to NAME.log of that host's logs.
start() {
	local host=$1 name=$2 here=$LAB/hosts/$1
	shift 2
	rm -f "$here/$name.exit" "$here/$name.pid"
	(
		on "$host" /lab/busybox setsid /lab/busybox sh -c 'echo $$ >"/lab/host/$0.pid"; exec "$@"' "$name" "$(program "$1")" "${@:2}" </dev/null >>"$LAB_OUT/$host/$name.log" 2>&1
		echo $? >"$here/$name.exit"
	) &
	disown
	soon 10 test -s "$here/$name.pid"
}

# running HOST NAME: is what start() began still there?
running() {
	[ -s "$LAB/hosts/$1/$2.pid" ] && [ ! -e "$LAB/hosts/$1/$2.exit" ]
}

# Its process id, as that host counts.
pid_of() {
	cat "$LAB/hosts/$1/$2.pid"
}

# stop HOST NAME [SIGNAL]: ends it and waits; its exit status is what stop() says.
stop() {
	local here=$LAB/hosts/$1
	on "$1" kill -"${3:-TERM}" "$(cat "$here/$2.pid")" || return
	soon 15 test -e "$here/$2.exit" || return
	seen "exit status $(cat "$here/$2.exit")"
	return "$(cat "$here/$2.exit")"
}

# How many processes of this name run there.
count_of() {
	on "$1" pgrep -c -x "$2"
}

# none_of HOST NAME: no such process is left there.
none_of() {
	local count
	count=$(count_of "$1" "$2")
	equals 0 "$count" "processes $2:"
}

# log_has HOST NAME REGEX: the line is what was seen.
log_has() {
	local line
	line=$(grep -aE -m 1 -- "$3" "$LAB_OUT/$1/$2.log") || { echo "no line like '$3' in $1/$2.log:"; tail -n 8 "$LAB_OUT/$1/$2.log"; return 1; }
	seen "$(echo "$line" | tr -d '\000-\037' | cut -c1-160)"
}

log_has_not() {
	! grep -aE -- "$3" "$LAB_OUT/$1/$2.log"
}

# reaches HOST ADDRESS [COUNT]: COUNT echo requests, all of which have to be answered.
reaches() {
	local count=${3:-3} answer
	answer=$(on "$1" ping -n -q -c "$count" -i 0.2 -W 2 "$2") || { echo "$answer"; return 1; }
	seen "$(echo "$answer" | sed -n 's/ packets transmitted, \([0-9]*\) received.*/ sent, \1 answered/p')"
	[[ $SEEN == "$count sent, $count answered" ]] || { echo "$answer"; return 1; }
}

# capture HOST INTERFACE NAME [FILTER...]: records to NAME.pcap of that host's logs until release HOST NAME.
# Host "switch" is the outer network itself: what is on the wire, whatever a host's own stack does with it.
capture() {
	local host=$1 interface=$2 name=$3
	shift 3
	if [ "$host" = switch ]; then
		mkdir -p "$LAB_OUT/switch"
		setsid tcpdump -Z root -n -s 0 -U -i "$interface" -w "$LAB_OUT/switch/$name.pcap" "$@" >"$LAB_OUT/switch/$name.log" 2>&1 &
		echo $! >"$LAB_OUT/switch/$name.pid"
		disown
	else
		start "$host" "$name" tcpdump -Z root -n -s 0 -U -i "$interface" -w "/var/log/lab/$name.pcap" "$@"
	fi
	soon 10 grep -q 'listening on' "$LAB_OUT/$host/$name.log"
}

release() {
	if [ "$1" = switch ]; then
		kill -INT "$(cat "$LAB_OUT/switch/$2.pid")"
	else
		on "$1" kill -INT "$(pid_of "$1" "$2")"
	fi
	soon 10 grep -q 'packets captured' "$LAB_OUT/$1/$2.log"
}

# What may be on the outer network: IKE and ESP in UDP, beside address resolution and multicast membership.
OUTSIDERS='not arp and not (ip6 multicast) and not icmp6 and not udp port 500 and not udp port 4500'

# captured HOST NAME [FILTER...]: the recorded packets that match, one line each.
captured() {
	local record=$LAB_OUT/$1/$2.pcap
	shift 2
	tcpdump -n -r "$record" "$@" 2>/dev/null
}

# An ICMP error about IKE, which comes when there is no charon: it quotes what was encrypted anyway.
IKE_REFUSED='icmp[icmptype] = icmp-unreach and icmp[17] = 17 and icmp[30:2] = 500'

# sent_only_ipsec NAME: of what was recorded at the switch, the gateway has sent nothing but IKE and ESP.
sent_only_ipsec() {
	local other
	other=$(captured switch "$1" "(src host $GW or src host $GW6) and not esp and not ($IKE_REFUSED) and $OUTSIDERS")
	echo "$other"
	seen "$(captured switch "$1" "src host $GW and (esp or udp port 4500)" | grep -c 'ESP(') packets of ESP," \
		"$(printf '%s' "${other:+$other$'\n'}" | wc -l) others"
	[ -z "$other" ]
}
