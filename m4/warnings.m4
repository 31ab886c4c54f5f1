# SPDX-License-Identifier: GPL-2.0-or-later
# Which warnings does every file have to be clean of?  They are errors only with --enable-werror, which CI uses.

# L2TP_FLAGS(VARIABLE, FLAGS...): append each flag that the compiler accepts
AC_DEFUN([L2TP_FLAGS], [
  AC_LANG_ASSERT([C])
  m4_foreach_w([l2tp_flag], [$2], [
    AC_MSG_CHECKING([whether $CC takes l2tp_flag])
    l2tp_save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror l2tp_flag"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <string.h>]], [[char a[16]; memset(a, 0, sizeof(a)); return a[3];]])],
      [AC_MSG_RESULT([yes]); $1="$$1 l2tp_flag"], [AC_MSG_RESULT([no])])
    CFLAGS=$l2tp_save_CFLAGS
  ])
])

AC_DEFUN([L2TP_WARNINGS], [
  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [a warning is an error])], [], [enable_werror=no])
  WARNING_CFLAGS="-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes"
  L2TP_FLAGS([WARNING_CFLAGS], [-Wpointer-arith -Wwrite-strings -Wformat-security -Wvla])
  AS_IF([test "x$enable_werror" = xyes], [WARNING_CFLAGS="$WARNING_CFLAGS -Werror"])
  AC_SUBST([WARNING_CFLAGS])
])
