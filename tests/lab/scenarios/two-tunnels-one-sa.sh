# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: several tunnels in one SA: each lives on its own, and the SA goes with the last
# topology: nat 1
# needs: ours charon-systemd swanctl pppd freeradius python3

# answered LOG COUNT: of the client with this log
answered() {
	log_has c1 "$1" "^echo +[0-9]+ answered" && [ "$(sed -n 's/^echo  *\([0-9]*\) answered.*/\1/p' "$LAB_OUT/c1/$1.log" | tail -1)" -ge "$2" ]
}

L2TP_PORT='' gateway_open c1 "limits { unused-sa = $((5 * ${JOB_SLOWER:-1}))s }"
lac_up c1 --text "of the first"
start c1 second env PYTHONPATH=/lab/tree/tests/lab PYTHONDONTWRITEBYTECODE=1 python3 -u -m lac --server $GW \
	--port 1702 --tunnel-id 2 --user alice --password "wonder land" --ping $LAN --text "of the second"
wait_for 30 "the second is up" answered second 5
check "two tunnels" gateway_has 2 tunnel
check "in one SA" gateway_has 1 sa
check "the first hangs up" stop c1 lac
wait_for 60 "the second goes on" answered second 100
check "one session" gateway_has 1 session
check "and the SA is there" sas_are c1 1
check "the second hangs up" stop c1 second
wait_for 30 "the SA is closed" sas_are c1 0
wait_for 60 "nothing is left" gateway_empty
