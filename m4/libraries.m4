# SPDX-License-Identifier: GPL-2.0-or-later
# Which libraries are here, and which packages bring the ones that are not.
# Nothing stops at the first missing one: L2TP_STOP_IF_MISSING names all of them together.

# L2TP_MISSING(WHAT, DEBIAN-PACKAGE): note something that is required and absent
AC_DEFUN([L2TP_MISSING], [
  AS_VAR_APPEND([l2tp_missing_what], ["
    $1"])
  l2tp_missing_packages="$l2tp_missing_packages $2"
])

# L2TP_ADVISE(TEXT): note something that is optional and absent, for the summary
AC_DEFUN([L2TP_ADVISE], [
  l2tp_advice="$l2tp_advice
    $1"
])

# L2TP_LIBRARY(PREFIX, PKG-CONFIG-MODULE, DEBIAN-PACKAGE): required; sets PREFIX_CFLAGS and PREFIX_LIBS
AC_DEFUN([L2TP_LIBRARY], [
  PKG_CHECK_MODULES([$1], [$2], [], [L2TP_MISSING([$2], [$3])])
])

# L2TP_STOP_IF_MISSING: fail once for everything that L2TP_MISSING noted
AC_DEFUN([L2TP_STOP_IF_MISSING], [
  AS_IF([test -n "$l2tp_missing_packages"], [AC_MSG_ERROR([required, and not found:$l2tp_missing_what
  On Debian and its relatives:  apt install$l2tp_missing_packages])])
])

# L2TP_SYSTEMD: notify and watchdog, when libsystemd is here
AC_DEFUN([L2TP_SYSTEMD], [
  AC_ARG_WITH([systemd],
    [AS_HELP_STRING([--without-systemd], [do not speak to systemd (readiness, watchdog)])],
    [], [with_systemd=auto])
  have_systemd=no
  AS_IF([test "x$with_systemd" != xno], [
    PKG_CHECK_MODULES([SYSTEMD], [libsystemd], [have_systemd=yes], [
      AS_IF([test "x$with_systemd" = xauto],
        [L2TP_ADVISE([readiness and watchdog for systemd: apt install libsystemd-dev])],
        [L2TP_MISSING([libsystemd], [libsystemd-dev])])])])
  AM_CONDITIONAL([HAVE_SYSTEMD], [test $have_systemd = yes])
])

# L2TP_CHECK: the unit tests' framework
AC_DEFUN([L2TP_CHECK], [
  have_check=no
  PKG_CHECK_MODULES([CHECK], [check >= 0.15], [have_check=yes],
    [L2TP_ADVISE([unit tests: apt install check])])
  AM_CONDITIONAL([HAVE_CHECK], [test $have_check = yes])
])
