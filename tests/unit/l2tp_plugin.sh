#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs check_l2tp_plugin where it could be built, and says why it could not elsewhere.
program=tests/unit/check_l2tp_plugin
if [ ! -x $program ]; then
	echo "it needs strongSwan's headers (charon-plugin/fetch-headers) and the libcharon of the same version installed"
	exit 77
fi
exec $program
