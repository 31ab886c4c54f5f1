# SPDX-License-Identifier: GPL-2.0-or-later
# Which strongSwan is the plugin built for?  No distribution packages its headers; charon-plugin/fetch-headers brings them.
# An object's layout depends on the exact upstream version and on whether charon was built with mediation (ME).

AC_DEFUN([L2TP_STRONGSWAN], [
  AC_ARG_ENABLE([charon-plugin],
    [AS_HELP_STRING([--disable-charon-plugin], [do not build the plugin for charon, even if strongSwan's headers are here])],
    [], [enable_charon_plugin=auto])
  AC_ARG_WITH([strongswan-headers],
    [AS_HELP_STRING([--with-strongswan-headers=DIR], [strongSwan's source tree @<:@what charon-plugin/fetch-headers fetched@:>@])],
    [], [with_strongswan_headers=])
  AC_ARG_WITH([strongswan-libdir],
    [AS_HELP_STRING([--with-strongswan-libdir=DIR], [where libcharon.so.0 is @<:@/usr/lib/ipsec@:>@])],
    [], [with_strongswan_libdir=/usr/lib/ipsec])
  AC_ARG_WITH([strongswan-plugindir],
    [AS_HELP_STRING([--with-strongswan-plugindir=DIR], [where charon looks for plugins @<:@/usr/lib/ipsec/plugins@:>@])],
    [], [with_strongswan_plugindir=$with_strongswan_libdir/plugins])

  build_charon_plugin=no
  STRONGSWAN_VERSION= STRONGSWAN_DIR= STRONGSWAN_DEFS=
  AS_IF([test "x$enable_charon_plugin" != xno], [
    AC_MSG_CHECKING([for strongSwan's headers])
    AS_IF([test -n "$with_strongswan_headers"],
      [STRONGSWAN_DIR=${with_strongswan_headers%/src}],
      [STRONGSWAN_DIR=$("$srcdir/charon-plugin/fetch-headers" --find 2>/dev/null)])
    AS_IF([test -n "$STRONGSWAN_DIR" && test -f "$STRONGSWAN_DIR/src/libstrongswan/library.h" &&
           test -f "$STRONGSWAN_DIR/src/libcharon/daemon.h"], [
      build_charon_plugin=yes
      STRONGSWAN_VERSION=$(sed -n 's/^AC.INIT(.strongSwan., *.\(@<:@0-9@:>@@<:@0-9a-z.@:>@*\).*/\1/p' "$STRONGSWAN_DIR/configure.ac")
      AC_MSG_RESULT([$STRONGSWAN_VERSION in $STRONGSWAN_DIR])
    ], [AC_MSG_RESULT([no])])
  ])
  AM_CONDITIONAL([BUILD_CHARON_PLUGIN], [test $build_charon_plugin = yes])
  charonplugindir=$with_strongswan_plugindir
  AC_SUBST([charonplugindir])
  AC_SUBST([STRONGSWAN_DIR])
  AC_SUBST([STRONGSWAN_VERSION])
  AC_SUBST([STRONGSWAN_DEFS])
])
