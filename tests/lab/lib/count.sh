# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What programs cost.  Each group of them is a cgroup, whose CPU time (the kernel's work for them included) goes on counting
# what ended in it; with --count a nanosecond of it is an instruction.

# counted GROUP COMMAND...: what COMMAND starts belongs to the group from its first instruction.
counted() {
	local group=$LAB/cgroup/$1
	shift
	mkdir -p "$group"
	(
		echo "$BASHPID" >"$group/cgroup.procs"
		"$@"
	)
}

# counted_end GROUP: nothing of it is left, at once.
counted_end() {
	local group=$LAB/cgroup/$1
	[ -d "$group" ] || return 0
	echo 1 >"$group/cgroup.kill"
	soon 20 rmdir "$group"
}

# Sets cpu_us: microseconds of all that ran in GROUP.
counted_cpu() {
	local key value
	while read -r key value; do
		[ "$key" = usage_usec ] && cpu_us=$value
	done <"$LAB/cgroup/$1/cpu.stat"
}

# Sets pids of the members of GROUP that call themselves NAME; of all without it.
counted_pids() {
	local pid name
	pids=()
	while read -r pid; do
		read -r name 2>/dev/null <"/proc/$pid/comm" && [ "$name" = "${2:-$name}" ] && pids+=("$pid")
	done <"$LAB/cgroup/$1/cgroup.procs"
}

# Sets cpu_us of one living process, or of those of its threads that live.
process_cpu() {
	local file ns
	cpu_us=0
	for file in /proc/"$1"/task/*/schedstat; do
		read -r ns _ <"$file"
		cpu_us=$((cpu_us + ns / 1000))
	done
}

# Prints the microseconds of the kernel's own threads; nobody can say for which process they worked.
kernel_threads_us() {
	"$LAB/busybox" awk '{ sub(/.*\) /, ""); if ($2 == 2) { file = FILENAME; sub("stat$", "schedstat", file); getline line <file; close(file)
		split(line, field, " "); ns += field[1] } } END { printf "%d\n", ns / 1000 }' "$LAB"/proc/[0-9]*/stat
}

# in_memory HOST FILE...: these, and the libraries that they need, are read without the machine's disk from now on: each opening
# of a file there is a wait, which lets the counting clock jump to the next timer.
in_memory() {
	local host=$1
	shift
	on "$host" bash -c '
		bb=/lab/busybox
		{
			printf "%s\n" /etc/{ld.so.cache,nsswitch.conf,passwd,group,services,protocols,hosts,host.conf,gai.conf,localtime} "$@"
			ldd "$@" 2>/dev/null | grep -oE "/[^ ():]+"
		} | sort -u | while read -r file; do
			file=$($bb readlink -f "$file")
			# Not by writing to it, as an overlay goes on asking the file below for what it knows of it.
			[ ! -f "$file" ] || { $bb cp -p "$file" "$file.new" && $bb mv "$file.new" "$file"; }
		done' in_memory "$@"
}

# Prints how often the machine's disk has answered so far.
disk_answers() {
	"$LAB/busybox" awk '/virtio/ { n += $2 } END { print n + 0 }' /proc/interrupts
}

# counted_memory GROUP: "PSS PRIVATE" in KB of all its processes together.
counted_memory() {
	local pids pid
	counted_pids "$1"
	for pid in "${pids[@]}"; do
		cat "/proc/$pid/smaps_rollup"
	done | "$LAB/busybox" awk '/^Pss:/ { pss += $2 } /^Private_(Clean|Dirty):/ { own += $2 } END { print pss + 0, own + 0 }'
}
