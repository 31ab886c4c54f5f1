# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: mistakes in l2tpd.conf: each message says file, line, and what was expected; nothing starts
# topology: gateway
# needs: ours

# refused WHAT LINE REGEX <<END: the configuration is refused with a message about that line.
refused() {
	file gw /etc/l2tpd/l2tpd.conf
	check "$1" refused_so "$2" "$3"
}

refused_so() {
	local answer
	if answer=$(on gw l2tpd --check-config 2>&1); then
		echo "accepted: $answer"
		return 1
	fi
	echo "$answer"
	seen "$(grep -E -m 1 -- "l2tpd.conf:$1: .*($2)" <<<"$answer")"
	[ -n "$SEEN" ]
}

refused "a key that does not exist" 2 "adresses" <<-END
	pool office {
	        adresses = 10.20.0.0/24
	}
END
refused "a value that is no address" 2 "10.20.0.300" <<-END
	pool office {
	        addresses = 10.20.0.300
	}
END
refused "a range that runs backwards" 1 "10.20.0.9" <<-END
	pool office { addresses = 10.20.0.9-10.20.0.3 }
END
refused "pools that overlap" "[12]" "overlap" <<-END
	pool office { addresses = 10.20.0.0/24 }
	pool guests { addresses = 10.20.0.128/25 }
END
refused "a pool that nobody defined" 2 "offices" <<-END
	pool office { addresses = 10.20.0.0/24 }
	lns default { pool = offices }
END
refused "a RADIUS group that nobody defined" 2 "corp" <<-END
	pool office { addresses = 10.20.0.0/24 }
	lns default { radius = corp }
END
refused "a time without a unit that exists" 1 "parsecs" <<-END
	l2tp { hello = 5parsecs }
	pool office { addresses = 10.20.0.0/24 }
END
refused "a number out of its range" 1 "1024" <<-END
	l2tp { window = 5000 }
	pool office { addresses = 10.20.0.0/24 }
END
refused "a word that is no choice" 1 "required" <<-END
	listen { ipsec = maybe }
	pool office { addresses = 10.20.0.0/24 }
END
refused "a section that is not closed" 1 "no end" <<-END
	pool office {
	        addresses = 10.20.0.0/24
END
refused "a secret file that is not there" "[0-9]+" "/etc/l2tpd/none" <<-END
	pool office { addresses = 10.20.0.0/24 }
	lns default { radius = corp }
	radius corp { server a { address = 10.0.1.2
	                         secret-file = /etc/l2tpd/none } }
END
echo "secret" | file gw /etc/l2tpd/open 0644
refused "a secret that everybody may read" "[0-9]+" "600" <<-END
	pool office { addresses = 10.20.0.0/24 }
	lns default { radius = corp }
	radius corp { server a { address = 10.0.1.2
	                         secret-file = /etc/l2tpd/open } }
END
start gw l2tpd l2tpd
check "the daemon does not start with it" soon 10 not running gw l2tpd
check "and says the same in its log" log_has gw l2tpd 'l2tpd.conf:'
file gw /etc/l2tpd/l2tpd.conf <<-END
	pool office { addresses = 10.20.0.0/24 }
END
check "a pool is enough" on gw l2tpd --check-config
