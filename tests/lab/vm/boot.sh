# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# QEMU for the lab: which accelerator works here, and one boot.  Sourced by tests/lab/run.

# vm_accel MACHINES: sets VM_ACCEL for one of so many at a time.  /dev/kvm may exist and still not boot anything (nested
# virtualisation that is switched off), so a trial boot decides; its answer holds until the machine restarts.
vm_accel() {
	local answer='' key known=() processors=$((2 / $1))
	[ $processors -gt 0 ] || processors=1
	if [ -n "$LAB_COUNT" ]; then
		# One guest nanosecond for each instruction executed: CPU costs that repeat whatever else the host does.
		VM_ACCEL=(-accel "tcg,thread=single" -icount "shift=0,sleep=off" -cpu max -smp 1)
		return
	fi
	VM_ACCEL=(-accel "tcg,thread=multi" -cpu max -smp "$processors")
	[ -r /dev/kvm ] && [ -w /dev/kvm ] || return 0
	key="$(cat /proc/sys/kernel/random/boot_id) $(qemu-system-x86_64 --version | head -1)"
	[ -e "$LAB_CACHE/kvm" ] && mapfile -t known <"$LAB_CACHE/kvm"
	[ "${known[0]:-}" = "$key" ] && answer=${known[1]}
	if [ -z "$answer" ]; then
		say_step "trying KVM"
		answer=no
		if timeout -k 1 8 qemu-system-x86_64 -accel kvm -cpu host -smp 1 -m 256 -nodefaults -display none -no-reboot \
			-serial null -serial stdio -kernel "$KERNEL_DIR"/boot/vmlinuz* -initrd "$INITRAMFS" \
			-append "quiet panic=-1 lab.trial" </dev/null 2>/dev/null | grep -q "trial passed"; then
			answer=yes
		fi
		printf '%s\n%s\n' "$key" "$answer" >"$LAB_CACHE/kvm"
	fi
	if [ "$answer" = yes ]; then
		VM_ACCEL=(-accel kvm -cpu host -smp "$processors")
	fi
}

# Of emulated ones; real ones are no reason for the guest's kernel to die.
vm_one_processor() {
	[[ ${VM_ACCEL[1]} != tcg* ]] || VM_ACCEL=(-accel "tcg,thread=single" -cpu max -smp 1)
}

# vm_boot OUT NAME INTERACTIVE: boots KERNEL_DIR and runs what OUT/job says.  The kernel's console goes to OUT/consoleNAME.log; the
# second serial port is the scenarios' output, here stdout.  Returns when the machine is off.
vm_boot() {
	local out=$1 name=$2 interactive=$3 port="stdio,id=port,signal=on" append="console=ttyS0 panic=-1 oops=panic quiet mitigations=off"
	local stage=()
	if [ -n "$LAB_STAGE" ]; then
		stage=(-virtfs "local,path=$LAB_STAGE,mount_tag=stage,security_model=none,multidevs=remap,readonly=on")
		append+=" lab.stage"
	fi
	[ -n "$interactive" ] && port="stdio,id=port,signal=off"
	local command=(qemu-system-x86_64 "${VM_ACCEL[@]}" -m "$LAB_MEMORY_MB" -nodefaults -display none -no-reboot
		-kernel "$KERNEL_DIR"/boot/vmlinuz* -initrd "$INITRAMFS" -append "$append"
		-serial "file:$out/console$name.log" -chardev "$port" -serial chardev:port
		-virtfs "local,path=$LAB_ROOT,mount_tag=root,security_model=none,multidevs=remap,readonly=on"
		-virtfs "local,path=$LAB_TREE,mount_tag=tree,security_model=none,multidevs=remap,readonly=on"
		-virtfs "local,path=$KERNEL_DIR,mount_tag=kernel,security_model=none,multidevs=remap,readonly=on"
		-virtfs "local,path=$out,mount_tag=out,security_model=none,multidevs=remap"
		"${stage[@]}")
	if [ -n "$interactive" ]; then
		"${command[@]}"
	else
		timeout -k 5 "$LAB_BOOT_LIMIT_S" "${command[@]}" </dev/null 2>"$out/qemu$name.log" | sed -u 's/\r$//'
	fi
}

# vm_panicked OUT: the console of a guest whose kernel died, as opposed to a scenario in it.
vm_panicked() {
	grep -alE 'Kernel panic|Oops: |BUG: (unable|kernel|soft)' "$1"/console*.log | head -n 1
}
