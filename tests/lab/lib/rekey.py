#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Has charon rekey again and again, each time when what came of the last one is in place.

    rekey.py child|ike|reauth NAME COUNT TURNS LIFE SECONDS
                                      so many CHILD_SAs or IKE_SAs of this name, each of which lives for LIFE seconds and has
                                      SECONDS to be replaced; "reauth" is IKEv2's
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


def wait_for(what, name, limit_s, is_good):
    end = time.monotonic() + limit_s
    while not is_good(now := ids(Vici("/run/charon.vici"), what, name)):
        if time.monotonic() > end:
            return None, now
        time.sleep(0.1)
    return now, now


def renew(what, name, count, limit_s):
    """Once: each of them is gone, and as many others are there."""
    # What was replaced the last time may be there a little longer, as with IKEv1's reauthentication.
    before, seen = wait_for(what, name, limit_s, lambda now: len(now) == count)
    if before is None:
        sys.exit(f"rekey: {sorted(seen)}, not {count}, within {limit_s:g} s")
    for unique in before:  # by name, it would be those as well that were replaced and are not gone yet
        keys = {"child-id" if what == "child" else "ike-id": unique}
        if what == "reauth":
            keys["reauth"] = "yes"
        answer = Vici("/run/charon.vici").request("rekey", keys)[-1]
        if answer.get("success") != "yes":
            sys.exit(f"rekey: {answer}")
    after, seen = wait_for(what, name, limit_s, lambda now: len(now) == count and not now & before)
    if after is None:
        sys.exit(f"rekey: {sorted(before)} became {sorted(seen)} within {limit_s:g} s")
    return count


if __name__ == "__main__":
    what, name = sys.argv[1:3]
    count, turns, life_s, limit_s = map(int, sys.argv[3:])
    due = time.monotonic()
    for turn in range(turns):
        due = max(due + life_s, time.monotonic())
        time.sleep(max(0, due - time.monotonic()))
        renew(what, name, count, limit_s)
        print(f"turn {turn + 1}, {(turn + 1) * count} renewed", flush=True)
