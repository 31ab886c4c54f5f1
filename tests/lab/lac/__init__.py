# SPDX-License-Identifier: GPL-2.0-or-later
"""A scripted L2TP access concentrator with one PPP client in it.  Standard library only."""
