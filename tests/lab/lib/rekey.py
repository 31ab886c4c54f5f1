#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Has charon rekey again and again, each time when what came of the last one is in place.

    rekey.py child|ike|reauth NAME COUNT [SECONDS]
                                      all CHILD_SAs or IKE_SAs of this name; "reauth" is IKEv2's.  SECONDS for each, default 20
"""
import sys
import time

from vici import Vici


def ids(bus, what, name):
    """The unique ids of those that are in use."""
    found = set()
    for sas in bus.request("list-sas", event="list-sa")[:-1]:
        for connection, ike in sas.items():
            if what != "child":
                if connection == name and ike["state"] == "ESTABLISHED":
                    found.add(ike["uniqueid"])
                continue
            for child in ike["child-sas"].values():
                if child["name"] == name and child["state"] == "INSTALLED":
                    found.add(child["uniqueid"])
    return found


def renew(what, name, limit_s):
    """Once: each of them is gone, and as many others are there."""
    before = ids(Vici("/run/charon.vici"), what, name)
    keys = {"child" if what == "child" else "ike": name}
    if what == "reauth":
        keys["reauth"] = "yes"
    answer = Vici("/run/charon.vici").request("rekey", keys)[-1]
    if answer.get("success") != "yes" or not before:
        sys.exit(f"rekey: {answer}, {len(before)} there")
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        now = ids(Vici("/run/charon.vici"), what, name)
        if not now & before and len(now) == len(before):
            return len(now)
        time.sleep(0.1)
    sys.exit(f"rekey: {sorted(before)} became {sorted(now)} within {limit_s:g} s")


if __name__ == "__main__":
    total = 0
    for turn in range(int(sys.argv[3])):
        total += renew(sys.argv[1], sys.argv[2], float(sys.argv[4]) if len(sys.argv) > 4 else 20)
        print(f"turn {turn + 1}, {total} renewed", flush=True)
