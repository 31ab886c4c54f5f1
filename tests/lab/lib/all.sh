# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Everything a scenario may call.
lib=$(dirname "${BASH_SOURCE[0]}")
. "$lib/header.sh"
. "$lib/say.sh"
. "$lib/wait.sh"
. "$lib/hosts.sh"
. "$lib/topology.sh"
. "$lib/evidence.sh"
. "$lib/charon.sh"
. "$lib/pki.sh"
. "$lib/forms.sh"
. "$lib/radius.sh"
. "$lib/client.sh"
. "$lib/gateway.sh"
. "$lib/count.sh"
. "$lib/servers.sh"
. "$lib/hostile.sh"
