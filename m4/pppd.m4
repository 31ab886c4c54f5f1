# SPDX-License-Identifier: GPL-2.0-or-later
# Which pppd is the plugin built for, and where does that pppd look for plugins?
# pppd loads a plugin only if the version string is exactly its own.  2.5 brings pppd.pc; 2.4.9 only <pppd/patchlevel.h>.

AC_DEFUN([L2TP_PPPD], [
  AC_ARG_ENABLE([pppd-plugin],
    [AS_HELP_STRING([--disable-pppd-plugin], [do not build the plugin for pppd])],
    [], [enable_pppd_plugin=yes])
  AC_ARG_WITH([pppd-plugindir],
    [AS_HELP_STRING([--with-pppd-plugindir=DIR], [install the plugin there @<:@LIBDIR/l2tpd/pppd-VERSION@:>@])],
    [], [with_pppd_plugindir=])

  PPPD_VERSION=
  AS_IF([test "x$enable_pppd_plugin" = xyes], [
    PKG_CHECK_EXISTS([pppd >= 2.5], [
      PPPD_VERSION=$($PKG_CONFIG --modversion pppd)
      PPPD_CFLAGS=$($PKG_CONFIG --cflags pppd | sed "s|-I|-isystem |g")
    ], [
      AC_CHECK_HEADER([pppd/patchlevel.h], [
        AC_MSG_CHECKING([for the version in <pppd/patchlevel.h>])
        PPPD_VERSION=$(printf '%s\n' '#include <pppd/patchlevel.h>' 'this_is VERSION' |
          $CC -E -P $CPPFLAGS - 2>/dev/null | tr '\n' ' ' | sed -n 's/.*this_is *"\(.*\)".*/\1/p')
        AC_MSG_RESULT([${PPPD_VERSION:-not found}])
      ])
    ])
    AS_IF([test -z "$PPPD_VERSION"],
      [L2TP_MISSING([pppd's headers (or say --disable-pppd-plugin)], [ppp-dev])])

    # for pppd-plugin/compat.h: 2.5 has pppdconf.h, and 2.5.3 calls back when a descriptor is readable
    l2tp_save_CPPFLAGS=$CPPFLAGS
    CPPFLAGS="$CPPFLAGS $PPPD_CFLAGS"
    AC_CHECK_HEADERS([pppd/pppdconf.h])
    AC_CHECK_DECLS([add_fd_callback], [], [], [[#include <pppd/pppd.h>]])
    CPPFLAGS=$l2tp_save_CPPFLAGS
  ])
  AS_IF([test -n "$with_pppd_plugindir"],
    [pppdplugindir=$with_pppd_plugindir],
    [pppdplugindir="\$(libdir)/l2tpd/pppd-$PPPD_VERSION"])
  AC_SUBST([PPPD_VERSION])
  AC_SUBST([PPPD_CFLAGS])
  AC_SUBST([pppdplugindir])
  AM_CONDITIONAL([BUILD_PPPD_PLUGIN], [test -n "$PPPD_VERSION"])
])
