# SPDX-License-Identifier: GPL-2.0-or-later
# Where is libradcli?  Wanted for its dictionary and attribute lists; its own sending is not used.

AC_DEFUN([L2TP_RADCLI], [
  L2TP_LIBRARY([RADCLI], [radcli >= 1.2.11], [libradcli-dev])
])
