# SPDX-License-Identifier: GPL-2.0-or-later
# --enable-fuzz: build the parsers' fuzzers (libFuzzer, hence clang).  Without it the same targets only replay their corpus.

AC_DEFUN([L2TP_FUZZ], [
  AC_ARG_ENABLE([fuzz],
    [AS_HELP_STRING([--enable-fuzz], [build the fuzzers (needs CC=clang)])], [], [enable_fuzz=no])
  FUZZ_FLAGS= FUZZ_MAIN=
  AS_IF([test "x$enable_fuzz" = xyes], [
    FUZZ_FLAGS=-fsanitize=fuzzer-no-link
    FUZZ_MAIN=-fsanitize=fuzzer
    AC_MSG_CHECKING([whether $CC has libFuzzer])
    l2tp_save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -fsanitize=fuzzer"
    AC_LINK_IFELSE([AC_LANG_SOURCE([[#include <stddef.h>
      int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n) { (void)p; (void)n; return 0; }]])],
      [AC_MSG_RESULT([yes])],
      [AC_MSG_RESULT([no]); AC_MSG_ERROR([--enable-fuzz needs clang with libFuzzer: apt install clang, then ./configure CC=clang --enable-fuzz])])
    CFLAGS=$l2tp_save_CFLAGS
  ])
  AC_SUBST([FUZZ_FLAGS])
  AC_SUBST([FUZZ_MAIN])
  AM_CONDITIONAL([BUILD_FUZZERS], [test "x$enable_fuzz" = xyes])
])
