# SPDX-License-Identifier: GPL-2.0-or-later
# --enable-sanitizers[=address,undefined]: stop at the first memory error or undefined operation.

AC_DEFUN([L2TP_SANITIZERS], [
  AC_REQUIRE([L2TP_HARDENING])
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers@<:@=LIST@:>@], [compile with these sanitizers @<:@address,undefined@:>@])],
    [], [enable_sanitizers=no])
  AS_IF([test "x$enable_sanitizers" = xyes], [enable_sanitizers=address,undefined])
  SANITIZER_FLAGS=
  AS_IF([test "x$enable_sanitizers" != xno], [
    l2tp_sanitizers=
    L2TP_FLAGS([l2tp_sanitizers], [-fno-omit-frame-pointer])
    SANITIZER_FLAGS="-fsanitize=$enable_sanitizers -fno-sanitize-recover=all $l2tp_sanitizers"
    l2tp_save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS $SANITIZER_FLAGS"
    AC_LINK_IFELSE([AC_LANG_PROGRAM()], [],
      [AC_MSG_ERROR([$CC cannot link with -fsanitize=$enable_sanitizers (gcc: apt install libasan8 libubsan1; clang: apt install libclang-rt-14-dev)])])
    CFLAGS=$l2tp_save_CFLAGS
    dnl the sanitizers bring their own versions of the calls that FORTIFY replaces
    HARDENING_CFLAGS=$(AS_ECHO(["$HARDENING_CFLAGS"]) | sed 's/ *-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2//')
  ])
  AC_SUBST([SANITIZER_FLAGS])
])
