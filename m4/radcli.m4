# SPDX-License-Identifier: GPL-2.0-or-later
# Where is libradcli?  Wanted for its dictionary and attribute lists; its own sending is not used.
# Not asked of pkg-config: radcli.pc names gnutls and nettle, whose packages libradcli-dev does not bring.

AC_DEFUN([L2TP_RADCLI], [
  l2tp_have_radcli=no
  AC_CHECK_HEADER([radcli/radcli.h], [AC_CHECK_LIB([radcli], [rc_read_dictionary], [l2tp_have_radcli=yes])])
  AS_IF([test $l2tp_have_radcli = no], [L2TP_MISSING([libradcli], [libradcli-dev])])
  RADCLI_CFLAGS=
  RADCLI_LIBS=-lradcli
  AC_SUBST([RADCLI_CFLAGS])
  AC_SUBST([RADCLI_LIBS])
])
