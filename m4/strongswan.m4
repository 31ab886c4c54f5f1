# SPDX-License-Identifier: GPL-2.0-or-later
# Which strongSwan is the plugin built for?  No distribution packages its headers; charon-plugin/fetch-headers brings them.
# An object's layout depends on the exact upstream version and on whether charon was built with mediation (ME):
# a wrong guess of either loads, and then calls the wrong methods.

AC_DEFUN([L2TP_STRONGSWAN], [
  AC_ARG_ENABLE([charon-plugin],
    [AS_HELP_STRING([--enable-charon-plugin], [fail if charon's plugin cannot be built; --disable: do not build it @<:@built if headers are here@:>@])],
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
  AC_ARG_WITH([strongswan-confdir],
    [AS_HELP_STRING([--with-strongswan-confdir=DIR], [where charon reads a plugin's settings @<:@/etc/strongswan.d/charon@:>@])],
    [], [with_strongswan_confdir=/etc/strongswan.d/charon])
  AC_ARG_ENABLE([strongswan-mediation],
    [AS_HELP_STRING([--enable-strongswan-mediation], [charon was built with --enable-mediation @<:@asked of libcharon.so.0@:>@])],
    [], [enable_strongswan_mediation=auto])

  STRONGSWAN_VERSION= STRONGSWAN_DIR= STRONGSWAN_DEFS= l2tp_installed=
  AS_IF([test "x$enable_charon_plugin" != xno], [
    L2TP_STRONGSWAN_HEADERS
    AS_IF([test -n "$STRONGSWAN_VERSION"], [
      L2TP_STRONGSWAN_INSTALLED
      L2TP_STRONGSWAN_DEFS
    ], [test "x$enable_charon_plugin" = xyes], [
      L2TP_MISSING([strongSwan's headers: run charon-plugin/fetch-headers], [strongswan-libcharon])
    ], [
      L2TP_ADVISE([charon plugin: apt install strongswan-libcharon; charon-plugin/fetch-headers; configure again])
    ])
  ])
  AM_CONDITIONAL([BUILD_CHARON_PLUGIN], [test -n "$STRONGSWAN_VERSION"])
  dnl its tests load the plugin into the installed libcharon
  AM_CONDITIONAL([RUN_CHARON_PLUGIN], [test -n "$STRONGSWAN_VERSION" && test "$l2tp_installed" = "$STRONGSWAN_VERSION"])
  STRONGSWAN_LIBDIR=$with_strongswan_libdir
  AC_SUBST([STRONGSWAN_LIBDIR])
  charonplugindir=$with_strongswan_plugindir
  charonconfdir=$with_strongswan_confdir
  AC_SUBST([charonplugindir])
  AC_SUBST([charonconfdir])
  AC_SUBST([STRONGSWAN_DIR])
  AC_SUBST([STRONGSWAN_VERSION])
  AC_SUBST([STRONGSWAN_DEFS])
])

# Sets STRONGSWAN_DIR and STRONGSWAN_VERSION, or leaves them empty
AC_DEFUN([L2TP_STRONGSWAN_HEADERS], [
  AC_MSG_CHECKING([for strongSwan's headers])
  AS_IF([test -n "$with_strongswan_headers"],
    [l2tp_dir=${with_strongswan_headers%/src}],
    [l2tp_dir=$("$srcdir/charon-plugin/fetch-headers" --find 2>/dev/null)])
  AS_IF([test -n "$l2tp_dir" && test -f "$l2tp_dir/src/libstrongswan/library.h" && test -f "$l2tp_dir/src/libcharon/daemon.h"], [
    STRONGSWAN_DIR=$(cd "$l2tp_dir" && pwd)
    STRONGSWAN_VERSION=$(sed -n 's/^AC.INIT(.strongSwan., *.\(@<:@0-9@:>@@<:@0-9a-z.@:>@*\).*/\1/p' "$STRONGSWAN_DIR/configure.ac")
    AC_MSG_RESULT([${STRONGSWAN_VERSION:-of unknown version} in $STRONGSWAN_DIR])
    AS_IF([test -z "$STRONGSWAN_VERSION"],
      [AC_MSG_ERROR([$STRONGSWAN_DIR/configure.ac does not say which version this is])])
  ], [
    AC_MSG_RESULT([no])
    AS_IF([test -n "$with_strongswan_headers"],
      [AC_MSG_ERROR([$with_strongswan_headers does not hold src/libstrongswan/library.h and src/libcharon/daemon.h])])
  ])
])

# Compares with the charon that is installed here; sets enable_strongswan_mediation
AC_DEFUN([L2TP_STRONGSWAN_INSTALLED], [
  l2tp_libcharon=$with_strongswan_libdir/libcharon.so.0
  AS_IF([test -e "$l2tp_libcharon"], [
    AC_MSG_CHECKING([for the installed strongSwan])
    l2tp_installed=$(dpkg-query -W -f '${source:Upstream-Version}' strongswan-libcharon 2>/dev/null)
    AC_MSG_RESULT([${l2tp_installed:-unknown}])
    AS_IF([test -n "$l2tp_installed" && test "$l2tp_installed" != "$STRONGSWAN_VERSION"],
      [L2TP_ADVISE([the charon plugin fits strongSwan $STRONGSWAN_VERSION, but $l2tp_installed is installed: charon-plugin/fetch-headers])])
    AC_MSG_CHECKING([whether charon speaks IKEv1])
    AS_IF([nm -D "$l2tp_libcharon" 2>/dev/null | grep -q ' task_manager_v1_create$'], [AC_MSG_RESULT([yes])], [
      AC_MSG_RESULT([no])
      L2TP_ADVISE([IKEv1, which Windows, Apple and Android clients need, is not in the installed charon: use a strongSwan built with --enable-ikev1])
    ])
  ])
  AC_MSG_CHECKING([whether charon was built with mediation])
  AS_IF([test "x$enable_strongswan_mediation" != xauto],
    [AC_MSG_RESULT([$enable_strongswan_mediation (as told)])],
    [test -e "$l2tp_libcharon"], [
      enable_strongswan_mediation=no
      nm -D "$l2tp_libcharon" 2>/dev/null | grep -q ' connect_manager_create$' && enable_strongswan_mediation=yes
      AC_MSG_RESULT([$enable_strongswan_mediation])
    ], [
      enable_strongswan_mediation=yes
      AC_MSG_RESULT([no charon here; yes, as Debian does])
    ])
])

# What charon's own config.h would say, as far as its public headers ask; then what differs between versions
AC_DEFUN([L2TP_STRONGSWAN_DEFS], [
  STRONGSWAN_DEFS='-DCONFIG_H_INCLUDED -DUSE_IKEV1 -DUSE_IKEV2 -DHAVE_PRINTF_SPECIFIER -DHAVE_STDBOOL_H -DHAVE_ALLOCA_H -DHAVE_SYS_PARAM_H -DHAVE_SYSLOG'
  AC_CHECK_FUNC([explicit_bzero], [STRONGSWAN_DEFS="$STRONGSWAN_DEFS -DHAVE_EXPLICIT_BZERO"])
  AC_CHECK_FUNC([sigwaitinfo], [STRONGSWAN_DEFS="$STRONGSWAN_DEFS -DHAVE_SIGWAITINFO"])
  AC_CHECK_FUNC([closefrom], [STRONGSWAN_DEFS="$STRONGSWAN_DEFS -DHAVE_CLOSEFROM"])
  AC_CHECK_FUNC([memrchr], [STRONGSWAN_DEFS="$STRONGSWAN_DEFS -DHAVE_MEMRCHR"])
  AC_CHECK_FUNC([fmemopen], [STRONGSWAN_DEFS="$STRONGSWAN_DEFS -DHAVE_FMEMOPEN"])
  AC_CHECK_FUNC([clock_gettime], [STRONGSWAN_DEFS="$STRONGSWAN_DEFS -DHAVE_CLOCK_GETTIME"])
  AS_IF([test "x$enable_strongswan_mediation" = xyes], [STRONGSWAN_DEFS="$STRONGSWAN_DEFS -DME"])
  STRONGSWAN_DEFS="$STRONGSWAN_DEFS -DSTRONGSWAN_VERSION='\"$STRONGSWAN_VERSION\"'"

  l2tp_save_CPPFLAGS=$CPPFLAGS
  CPPFLAGS="-D_GNU_SOURCE= -isystem $STRONGSWAN_DIR/src/libstrongswan -isystem $STRONGSWAN_DIR/src/libcharon $STRONGSWAN_DEFS"
  eval "CPPFLAGS=\"$CPPFLAGS\""
  AC_MSG_CHECKING([whether a file that uses charon's headers compiles])
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <daemon.h>]], [[return charon && charon->bus ? 0 : 1;]])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no]); AC_MSG_ERROR([strongSwan's headers in $STRONGSWAN_DIR do not compile; see config.log, or --disable-charon-plugin])])
  AC_MSG_CHECKING([whether terminate_child() takes max_level])
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <daemon.h>]],
      [[return charon->controller->terminate_child(charon->controller, 1, NULL, NULL, LEVEL_CTRL, 0);]])],
    [AC_MSG_RESULT([yes]); STRONGSWAN_DEFS="$STRONGSWAN_DEFS -DTERMINATE_TAKES_MAX_LEVEL"],
    [AC_MSG_RESULT([no])])
  AC_MSG_CHECKING([whether get_traffic_selectors() takes those of the peer])
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <daemon.h>]],
      [[child_cfg_t *cfg = 0; return cfg->get_traffic_selectors(cfg, 1, 0, 0, 0) != 0;]])],
    [AC_MSG_RESULT([yes]); STRONGSWAN_DEFS="$STRONGSWAN_DEFS -DTRAFFIC_SELECTORS_TAKE_SUPPLIED"],
    [AC_MSG_RESULT([no])])
  AC_MSG_CHECKING([whether there is use_aggressive()])
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <daemon.h>]],
      [[peer_cfg_t *cfg = 0; return cfg->use_aggressive(cfg);]])],
    [AC_MSG_RESULT([yes]); STRONGSWAN_DEFS="$STRONGSWAN_DEFS -DHAS_USE_AGGRESSIVE"],
    [AC_MSG_RESULT([no])])
  CPPFLAGS=$l2tp_save_CPPFLAGS
])
