# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# One set of keys and certificates for many tests: making 40 RSA keys takes seconds, copying them none. Source it:
#
#   . "$top_srcdir/tests/lib/office.sh"
#   office_copy "$work/pki" || tap_bail_out "mock-ca failed"      # as `mock-ca issue "$work/pki"` would make it
#
# The copy is the test's own. The original is made once per build tree, again when mock-ca is newer or a day has passed.

office_is_fresh() {
  [ -e "$1/complete" ] && [ ! "$top_builddir/mocks/ca/mock-ca" -nt "$1/complete" ] &&
    [ -z "$(find "$1/complete" -mmin +1440)" ]
}

office_copy() {
  local original=$top_builddir/tests/office
  (
    flock 9 || exit 1
    if ! office_is_fresh "$original"; then
      rm -rf "$original"
      mkdir -m 700 "$original" && timeout 120 "$top_builddir/mocks/ca/mock-ca" issue "$original/pki" &&
        touch "$original/complete" || exit 1
    fi
    cp -a "$original/pki" "$1"
  ) 9> "$original.lock"
}
