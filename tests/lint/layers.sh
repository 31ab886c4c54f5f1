#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# layers.sh [TREE]: no file includes what its layer may not (layers.txt)
set -eu
lint=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$lint/../..}"
# shellcheck disable=SC2046 # our file names have no blanks
awk -f "$lint/layers.awk" "$lint/layers.txt" $(find lib charon-plugin pppd-plugin l2tpd l2tpctl tests -name '*.[ch]' | sort)
