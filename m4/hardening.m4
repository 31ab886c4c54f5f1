# SPDX-License-Identifier: GPL-2.0-or-later
# Which hardening flags do this compiler and linker know?  PIE apart: only programs are linked with -pie.

AC_DEFUN([L2TP_HARDENING], [
  AC_REQUIRE([L2TP_WARNINGS])
  AC_ARG_ENABLE([hardening],
    [AS_HELP_STRING([--disable-hardening], [compile without the hardening flags])],
    [], [enable_hardening=yes])
  HARDENING_CFLAGS= HARDENING_LDFLAGS= PIE_CFLAGS= PIE_LDFLAGS=
  AS_IF([test "x$enable_hardening" = xyes], [
    L2TP_FLAGS([HARDENING_CFLAGS],
      [-fstack-protector-strong -fstack-clash-protection -fcf-protection=full])
    L2TP_FLAGS([HARDENING_LDFLAGS], [-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack])
    L2TP_FLAGS([PIE_CFLAGS], [-fPIE])
    L2TP_FLAGS([PIE_LDFLAGS], [-pie])
    dnl FORTIFY needs the optimiser, and some distributions set it already
    AC_MSG_CHECKING([whether _FORTIFY_SOURCE can be set])
    l2tp_save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <string.h>
#ifndef __OPTIMIZE__
#error not optimised
#endif]])],
      [AC_MSG_RESULT([yes]); HARDENING_CFLAGS="$HARDENING_CFLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"],
      [AC_MSG_RESULT([no])])
    CFLAGS=$l2tp_save_CFLAGS
  ])
  AC_SUBST([HARDENING_CFLAGS])
  AC_SUBST([HARDENING_LDFLAGS])
  AC_SUBST([PIE_CFLAGS])
  AC_SUBST([PIE_LDFLAGS])
])
