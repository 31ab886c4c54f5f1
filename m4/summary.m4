# SPDX-License-Identifier: GPL-2.0-or-later
# What will be built, and what is missing with the package that brings it.

AC_DEFUN([L2TP_SUMMARY], [
  AS_IF([test -n "$STRONGSWAN_VERSION"], [l2tp_charon="for strongSwan $STRONGSWAN_VERSION"], [l2tp_charon=no])
  AS_IF([test -n "$PPPD_VERSION"], [l2tp_pppd="for pppd $PPPD_VERSION"], [l2tp_pppd=no])
  AS_ECHO(["
$PACKAGE_NAME $PACKAGE_VERSION
  l2tpd, l2tpctl     yes
  charon plugin      $l2tp_charon
  pppd plugin        $l2tp_pppd
  systemd            $have_systemd
  unit tests         $have_check
  sanitizers         $enable_sanitizers
  fuzzers            $enable_fuzz
  warnings           $(test "x$enable_werror" = xyes && echo errors || echo warnings)"])
  AS_IF([test -n "$l2tp_advice"], [AS_ECHO(["
  To note:$l2tp_advice"])])
  AS_ECHO(["
  Next: make -j\$(nproc) check"])
])
