#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Says why the tests of charon's plugin (check_l2tp_events and others) could not be built.
echo "the tests of charon's plugin need strongSwan's headers (charon-plugin/fetch-headers) and the libcharon of the same version installed"
exit 77
