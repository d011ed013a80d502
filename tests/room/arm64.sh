#!/bin/bash
# In a clean room, in the tree: everything of tests/room/arm64 but the room. /root/out is its FOLDER.
#
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
set -u
. tests/lib/tap.sh
foreign=aarch64-linux-gnu
quietly() { "$@" > "/root/out/$1.log" 2>&1 || { tail -n 30 "/root/out/$1.log"; return 1; }; }

get() { apt-get install -y -qq --no-install-recommends -o APT::Sandbox::User=root "$@"; }
packages() {
  local wanted=()
  mapfile -t wanted < <(grep -v '^#' packages-debian)
  dpkg --add-architecture arm64 && apt-get update -qq &&
    get crossbuild-essential-arm64 qemu-user autoconf automake libtool "${wanted[@]}" &&
    apt-get build-dep -y -qq --no-install-recommends -o APT::Sandbox::User=root -aarm64 -Pcross,nocheck . &&
    get libcmocka-dev:arm64 libseccomp-dev:arm64 softhsm2:arm64 pcscd opensc
}
headers() { build-aux/fetch-opensc-headers /root/opensc-headers; }
debs() { UKETSUKE_NO_LINTIAN=1 build-aux/make-packages --host arm64 --opensc-src /root/opensc-headers /root/out; }
whole() {
  autoreconf -i && mkdir build-arm64 && cd build-arm64 &&
    ../configure --quiet --host=$foreign --enable-strict --with-opensc-src=/root/opensc-headers && make -s -j"$(nproc)" all &&
    make -s -j"$(nproc)" check TESTS=
}

check "compilers and libraries for arm64" quietly packages || tap_bail_out "they cannot be had"
check "the headers of OpenSC" quietly headers || tap_bail_out "they cannot be had"
check "the packages" quietly debs
for deb in /root/out/*_arm64.deb; do
  is "${deb##*/} is for arm64" "$(dpkg-deb -f "$deb" Architecture 2>&1)" arm64
done
check "the whole tree, strict, with its tests" quietly whole || tap_bail_out "there is nothing to run"
export top_srcdir=$PWD top_builddir=$PWD/build-arm64 QEMU_LD_PREFIX=/
cd build-arm64 || exit 99
# A unit test that starts programs or finds modules by a path has them of the right architecture here, too; one that
# starts itself does so by the emulator.
export EMULATOR=qemu-aarch64
for test in tests/unit/test-*; do
  [ -x "$test" ] && [ -f "$test" ] || continue
  check "$test" timeout 300 "$EMULATOR" "$(readlink -f "$([ -e "tests/unit/.libs/${test##*/}" ] && echo "tests/unit/.libs/${test##*/}" || echo "$test")")"
done
tap_done
