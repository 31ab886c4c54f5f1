# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Kernels for the lab: the distribution's packaged ones, fetched by the machine's own apt, unpacked in the cache folder.
# Nothing is installed.  Sourced by tests/lab/run.

# The generic image packages of a series (6.1, 6.12), newest first; the cloud flavour has no PPP.
kernel_packages() {
	apt-cache search --names-only "^linux-image-${1//./\\.}\\.[^-]*(-[0-9]+)?(-[0-9]+)?(\\+deb[0-9]+)?-amd64\$" 2>/dev/null |
		cut -d' ' -f1 | sort -rV
}

# The series this release installs by default, read from its meta package.
kernel_default_series() {
	local image
	image=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/.*Depends: linux-image-//p' | head -1)
	[[ $image =~ ^([0-9]+\.[0-9]+) ]] && echo "${BASH_REMATCH[1]}" && return
	say_error "apt knows no package linux-image-amd64" "run: apt-get update"
	return 1
}

# kernel_get SERIES: sets KERNEL_DIR (an unpacked package with modules.dep) and KERNEL_VERSION.
# 77 when this release's archive has no kernel of the series, 1 when it could not be fetched.
kernel_get() {
	local series=$1 package version
	package=$(kernel_packages "$series" | head -1)
	if [ -z "$package" ]; then
		# An unpacked one from an earlier run serves without apt.
		package=$(cd "$LAB_CACHE" 2>/dev/null && ls -d "linux-image-$series".* 2>/dev/null | sort -rV | head -1)
	fi
	if [ -z "$package" ]; then
		say_error "no packaged kernel $series in the archive of this release" \
			"apt-cache search 'linux-image-$series' must list one; run apt-get update, or choose another --kernel"
		return 77
	fi
	version=${package#linux-image-}
	KERNEL_DIR=$LAB_CACHE/$package
	KERNEL_VERSION=$version
	[ -e "$KERNEL_DIR/complete" ] || kernel_unpack "$package"
}

kernel_unpack() {
	local package=$1 scratch
	scratch=$(mktemp -d "$LAB_CACHE/fetch.XXXXXX") || return 1
	say_step "fetching $package"
	# apt's download user may not write here; the archive's signatures are checked all the same.
	if ! (cd "$scratch" && apt-get -q -o APT::Sandbox::User=root download "$package") >"$scratch/log" 2>&1; then
		say_error "apt-get download $package failed" "$(tail -2 "$scratch/log")" "try: apt-get update"
		rm -rf "$scratch"
		return 1
	fi
	dpkg -x "$scratch"/*.deb "$scratch/unpacked" || return 1
	# /lib/modules or /usr/lib/modules, by release: let both names lead there.
	if [ -d "$scratch/unpacked/lib/modules" ]; then
		mkdir -p "$scratch/unpacked/usr" && ln -s ../lib "$scratch/unpacked/usr/lib"
	else
		ln -s usr/lib "$scratch/unpacked/lib"
	fi
	depmod -b "$scratch/unpacked" "$KERNEL_VERSION" || return 1
	touch "$scratch/unpacked/complete"
	rm -rf "$KERNEL_DIR"
	mv "$scratch/unpacked" "$KERNEL_DIR"
	rm -rf "$scratch"
}

# initramfs_get: sets INITRAMFS for KERNEL_DIR; made once for each kernel and version of vm/init.
initramfs_get() {
	local id scratch module file n=10
	id=$(cat "$LAB_TREE/tests/lab/vm/init" "$LAB_TREE/tests/lab/vm/kernel.sh" /bin/busybox | sha256sum | cut -c1-12)
	INITRAMFS=$KERNEL_DIR/initramfs-$id
	[ -s "$INITRAMFS" ] && return 0
	scratch=$(mktemp -d "$LAB_CACHE/initramfs.XXXXXX") || return 1
	mkdir -p "$scratch"/{bin,modules,dev,lab,root}
	cp /bin/busybox "$scratch/bin/" && cp "$LAB_TREE/tests/lab/vm/init" "$scratch/init" && chmod +x "$scratch/init" || return 1
	# In the order in which they have to be inserted; modprobe knows each kernel's dependencies.
	for module in virtio_pci 9p 9pnet_virtio overlay; do
		modprobe -d "$KERNEL_DIR" -S "$KERNEL_VERSION" --show-depends "$module"
	done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' >"$scratch/list"
	while read -r file; do
		module=$scratch/modules/$n-$(basename "$file")
		cp "$file" "$module" || return 1
		case $module in
		*.xz) xz -d "$module" ;;
		*.zst) zstd -q -d --rm "$module" ;;
		*.gz) gzip -d "$module" ;;
		esac || return 1
		n=$((n + 1))
	done <"$scratch/list"
	rm "$scratch/list"
	rm -f "$KERNEL_DIR"/initramfs-*
	(cd "$scratch" && find . | cpio -o -H newc 2>/dev/null | gzip -1) >"$INITRAMFS.new" && mv "$INITRAMFS.new" "$INITRAMFS"
	rm -rf "$scratch"
}
