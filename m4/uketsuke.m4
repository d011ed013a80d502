dnl SPDX-FileCopyrightText: 2026 The Uketsuke contributors
dnl SPDX-License-Identifier: LGPL-2.1-or-later

# Macros of our own. Each one collects instead of failing, so that a newcomer sees every missing part at once.

# The parts that a build can leave out. The module, its drivers and the reader driver are always built. Tests need the
# emulated cards for nearly everything, so without the emulation they are off unless asked for; the scripts that play a
# whole hospital need every part, the unit tests run with the part that they test.
AC_DEFUN([UK_PARTS], [
  UK_PART([terminal], [the program at the reception desk], [yes])
  UK_PART([services], [eligibility platform and visit history service], [yes])
  UK_PART([relay], [the relay and its connector], [yes])
  UK_PART([screen], [the pages of the desk for a browser], [yes])
  UK_PART([emulation], [softcard and mock-ca], [yes])
  UK_PART([tests], [all tests], [$enable_emulation])
  AC_ARG_ENABLE([install-emulation], [AS_HELP_STRING([--disable-install-emulation],
    [build, but do not install: softcard, mock-ca, personalise-se and the emulated services])],
    [], [enable_install_emulation=yes])
  AM_CONDITIONAL([INSTALL_EMULATION], [test "$enable_install_emulation" = yes])
  AS_IF([test "$enable_install_emulation" != yes], [uk_parts_flags="$uk_parts_flags --disable-install-emulation"])
  AC_ARG_WITH([systemdsystemunitdir], [AS_HELP_STRING([--with-systemdsystemunitdir=DIR],
    [where units go (default: PREFIX/lib/systemd/system)])], [unitdir=$withval], [unitdir='${prefix}/lib/systemd/system'])
  AC_SUBST([unitdir])
  UK_PARTS_FLAGS="$uk_parts_flags"
  AC_SUBST([UK_PARTS_FLAGS])
  AM_CONDITIONAL([BUILD_TRUST], [uk_part terminal services relay screen])
  AM_CONDITIONAL([BUILD_SERVERS], [uk_part services relay screen])
  AM_CONDITIONAL([BUILD_CLIENTS], [uk_part terminal relay])
  AM_CONDITIONAL([TEST_CARDS], [test "$enable_tests$enable_emulation" = yesyes])
  AM_CONDITIONAL([TEST_HOSPITAL], [test "$enable_tests$enable_emulation$enable_terminal$enable_services$enable_relay$enable_screen" = yesyesyesyesyesyes])
  AM_COND_IF([TEST_HOSPITAL], [uk_tests_summary="all"], [
    AM_COND_IF([TEST_CARDS], [uk_tests_summary="unit tests of these parts, tests with emulated cards"], [
      AM_COND_IF([BUILD_TESTS], [uk_tests_summary="unit tests of these parts"], [uk_tests_summary="that modules can be loaded"])
    ])
  ])
])

# UK_PART(NAME, WHAT-IT-IS, DEFAULT): the switch --disable-NAME, the condition BUILD_<NAME>, and the name among uk_parts.
AC_DEFUN([UK_PART], [
  m4_ifndef([uk_part_defined], [m4_define([uk_part_defined])
    uk_parts=" core "
    uk_parts_flags=""
    # whether one of the named parts is built
    uk_part () { for uk_name; do case $uk_parts in *" $uk_name "*) return 0 ;; esac; done; return 1; }
  ])
  AC_ARG_ENABLE([$1], [AS_HELP_STRING([--disable-$1], [leave out: $2])], [], [enable_$1=$3])
  AS_IF([test "$enable_$1" = yes], [uk_parts="${uk_parts}$1 "], [enable_$1=no; uk_parts_flags="$uk_parts_flags --disable-$1"])
  AM_CONDITIONAL(m4_toupper([BUILD_$1]), [test "$enable_$1" = yes])
])

AC_DEFUN([UK_MISSING_INIT], [uk_missing=""])

# UK_NEED_PKG(VARIABLE-PREFIX, PKG-CONFIG-SPEC, DEBIAN-PACKAGE, PARTS)
AC_DEFUN([UK_NEED_PKG], [
  AS_IF([uk_part $4], [PKG_CHECK_MODULES([$1], [$2], [], [uk_missing="$uk_missing $3"])])
])

# UK_NEED_LIB(VARIABLE-PREFIX, LIBRARY, HEADER, FUNCTION, DEBIAN-PACKAGE, PARTS): a library without a pkg-config file.
AC_DEFUN([UK_NEED_LIB], [
  AS_IF([uk_part $6], [
    AC_CHECK_HEADER([$3], [AC_CHECK_LIB([$2], [$4], [$1_LIBS=-l$2])])
    AS_IF([test -z "$$1_LIBS"], [uk_missing="$uk_missing $5"])
  ])
  AC_SUBST([$1_LIBS])
])

# UK_NEED_PROG(VARIABLE, PROGRAM, DEBIAN-PACKAGE, PARTS)
AC_DEFUN([UK_NEED_PROG], [
  AS_IF([uk_part $4], [
    AC_PATH_PROG([$1], [$2], [], [$PATH:/usr/sbin:/sbin])
    AS_IF([test -z "$$1"], [uk_missing="$uk_missing $3"])
  ])
])

# UK_NEED_FILE(VARIABLE, LIBRARY-FILE, DEBIAN-PACKAGE): the file's path among the compiler's library folders. clang 19
# has no -print-multiarch; Debian's folder is then the host's name without the vendor.
AC_DEFUN([UK_NEED_FILE], [
  AC_REQUIRE([AC_CANONICAL_HOST])
  AC_MSG_CHECKING([for $2])
  $1=""
  uk_multiarch=`$CC -print-multiarch 2>/dev/null` || uk_multiarch=""
  for uk_dir in /usr/lib/${uk_multiarch:-$host_cpu-$host_os} /usr/lib64 /usr/lib /usr/local/lib; do
    AS_IF([test -e "$uk_dir/$2"], [$1="$uk_dir/$2"; break])
  done
  AC_SUBST([$1])
  AC_MSG_RESULT([${$1:-missing}])
  AS_IF([test -z "$$1"], [uk_missing="$uk_missing $3"])
])

# UK_NEED_FONT(VARIABLE, FILE, DEBIAN-PACKAGE, PARTS): a font at its place; the variable may name another one.
AC_DEFUN([UK_NEED_FONT], [
  AC_ARG_VAR([$1], [font file with Japanese characters @<:@$2@:>@])
  AS_IF([test -z "$$1"], [$1="$2"])
  AS_IF([uk_part $4], [
    AC_MSG_CHECKING([for the font $$1])
    AS_IF([test -r "$$1"], [AC_MSG_RESULT([yes])], [AC_MSG_RESULT([missing]); uk_missing="$uk_missing $3"])
  ])
])

AC_DEFUN([UK_MISSING_REPORT], [
  AS_IF([test -n "$uk_missing"], [
    uk_missing=`printf '%s\n' $uk_missing | sort -u | tr '\n' ' '`
    AC_MSG_ERROR([parts are missing. Install them with:

  apt-get install --no-install-recommends $uk_missing
])
  ])
])

# The libopensc that the stock module itself needs: its file name has the version of its interface, which is another one
# on every release (libopensc.so.8 with OpenSC 0.23, .12 with 0.26).
AC_DEFUN([UK_FIND_LIBOPENSC], [
  AC_CHECK_TOOL([READELF], [readelf], [false])
  AC_MSG_CHECKING([for the libopensc of $OPENSC_PKCS11])
  LIBOPENSC=`$READELF -d "$OPENSC_PKCS11" 2>/dev/null | $SED -n 's/.*NEEDED.*\@<:@\(libopensc\.so\.@<:@0-9@:>@*\)\@:>@.*/\1/p'`
  AC_MSG_RESULT([${LIBOPENSC:-missing}])
  AS_IF([test -z "$LIBOPENSC"], [AC_MSG_ERROR([$OPENSC_PKCS11 names no libopensc: is it OpenSC's module?])])
])

# The driver interface of OpenSC differs between versions: the headers must be those of the library that runs here.
# Nothing is fetched here: build-aux/fetch-opensc-headers is a step of its own, before.
AC_DEFUN([UK_OPENSC_HEADERS], [
  AC_ARG_WITH([opensc-src], [AS_HELP_STRING([--with-opensc-src=DIR],
    [OpenSC source tree of the installed version (default: opensc-headers in the build folder, where build-aux/fetch-opensc-headers puts them)])],
    [OPENSC_SRC=$withval], [OPENSC_SRC=`pwd`/opensc-headers])
  AS_IF([test ! -f "$OPENSC_SRC/src/libopensc/opensc.h"], [AC_MSG_ERROR([no OpenSC headers in $OPENSC_SRC.
Fetch those of the installed version from Debian's source package:

  $srcdir/build-aux/fetch-opensc-headers "$OPENSC_SRC"

or name a source tree of that version: --with-opensc-src=DIR])])
  OPENSC_VERSION=`$SED -n 's/^Version: *//p' "$OPENSC_SRC/VERSION" 2>/dev/null`
  AS_IF([test -z "$OPENSC_VERSION"], [
    # (VERSION.mk since 0.27)
    OPENSC_VERSION=`$SED -nE 's/.*PACKAGE_VERSION_(MAJOR|MINOR|FIX)(\@:>@, *\@<:@|=)(@<:@0-9@:>@+).*/\3/p' "$OPENSC_SRC/configure.ac" "$OPENSC_SRC/VERSION.mk" 2>/dev/null | paste -sd.`])
  AC_SUBST([OPENSC_SRC])
  AC_SUBST([OPENSC_VERSION])
  OPENSC_VERSION_NUMBER=`echo "$OPENSC_VERSION" | awk -F. '{print [$]2 * 100 + [$]3}'`
  # ENABLE_SM and ENABLE_OPENSSL as Debian builds it: both are part of struct sc_card's layout.
  OPENSC_CFLAGS="-isystem $OPENSC_SRC/src -DENABLE_SM -DENABLE_OPENSSL -DHAVE_UNISTD_H -DOPENSC_VERSION='\"$OPENSC_VERSION\"' -DOPENSC_VERSION_NUMBER=$OPENSC_VERSION_NUMBER"
  OPENSC_LIBS="-l:$LIBOPENSC"
  AC_SUBST([OPENSC_CFLAGS])
  AC_SUBST([OPENSC_LIBS])
])

AC_DEFUN([UK_STRICT_AND_HARDENING], [
  AC_ARG_ENABLE([strict], [AS_HELP_STRING([--enable-strict], [warnings are errors (for developers and continuous integration)])],
    [], [enable_strict=no])
  AC_ARG_ENABLE([asan], [AS_HELP_STRING([--enable-asan], [build with AddressSanitizer and UndefinedBehaviorSanitizer])],
    [], [enable_asan=no])
  AC_ARG_ENABLE([fuzz], [AS_HELP_STRING([--enable-fuzz], [build for the fuzz targets of tests/fuzz (CC=clang; tests/fuzz/build does it)])],
    [], [enable_fuzz=no])
  AC_ARG_ENABLE([coverage], [AS_HELP_STRING([--enable-coverage],
    [count what the tests run (gcc; build-aux/coverage does it)])], [], [enable_coverage=no])
  UK_CFLAGS=""; UK_LDFLAGS=""; UK_PLUGIN_LDFLAGS=""
  AX_APPEND_COMPILE_FLAGS([-std=gnu17 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wvla -Wformat=2 -Wundef -Wimplicit-fallthrough -fvisibility=hidden -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -mbranch-protection=standard -ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr], [UK_CFLAGS], [-Werror])
  AS_IF([test "$enable_strict" = yes], [AX_APPEND_COMPILE_FLAGS([-Werror], [UK_CFLAGS])])
  AS_IF([test "$enable_fuzz" = yes], [
    UK_CFLAGS="$UK_CFLAGS -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer"
    UK_LDFLAGS="$UK_LDFLAGS -fsanitize=address,undefined"
  ], [test "$enable_asan" = yes], [
    UK_CFLAGS="$UK_CFLAGS -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer"
    UK_LDFLAGS="$UK_LDFLAGS -fsanitize=address,undefined"
  ], [test "$enable_coverage" = yes], [
    # Without _FORTIFY_SOURCE: its inline functions would count as branches of ours. Every program and module is linked
    # with the file that also writes the numbers of a process that leaves by _exit or SIGTERM. (By -Wl: libtool must
    # not pack it into the convenience libraries.)
    UK_CFLAGS="$UK_CFLAGS --coverage -fprofile-update=atomic -fprofile-abs-path"
    UK_LDFLAGS="$UK_LDFLAGS --coverage -Wl,--wrap=_exit -Wl,--export-dynamic-symbol=coverage_parts -Wl,`pwd`/tests/lib/coverage-dump.o"
    AX_APPEND_LINK_FLAGS([-Wl,--no-undefined], [UK_PLUGIN_LDFLAGS])
  ], [
    # Level 3 also bounds objects whose size only the running program knows. The C library's headers warn where the
    # compiler cannot do that, or does not optimise.
    m4_define([uk_uses_libc], [AC_LANG_PROGRAM([[#include <string.h>]])])
    AX_CHECK_COMPILE_FLAG([-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3], [UK_CFLAGS="$UK_CFLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3"], [
      AX_CHECK_COMPILE_FLAG([-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2], [UK_CFLAGS="$UK_CFLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"],
        [], [-Werror], [uk_uses_libc])
    ], [-Werror], [uk_uses_libc])
    # A module names everything that it needs. (A sanitizer's functions come from the program.)
    AX_APPEND_LINK_FLAGS([-Wl,--no-undefined], [UK_PLUGIN_LDFLAGS])
  ])
  AX_APPEND_LINK_FLAGS([-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed], [UK_LDFLAGS])
  # amd64: the C library's own start files are without the mark (Debian 12 and 13), and the linker takes it from a whole
  # program when one part lacks it. Elsewhere the linker does not know these words: that must be an error here.
  AX_APPEND_LINK_FLAGS([-Wl,-z,ibt -Wl,-z,shstk], [UK_LDFLAGS], [-Wl,--fatal-warnings])
  AM_CONDITIONAL([ASAN], [test "$enable_asan" = yes])
  AM_CONDITIONAL([COVERAGE], [test "$enable_coverage" = yes])
  AC_SUBST([UK_CFLAGS])
  AC_SUBST([UK_LDFLAGS])
  AC_SUBST([UK_PLUGIN_LDFLAGS])
])
