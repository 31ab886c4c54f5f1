# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Our own daemon on the gateway.
