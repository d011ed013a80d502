# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# TAP for shell tests. Source it, call check/is/like/refused as often as wanted, end with tap_done.
#
#   . "$top_srcdir/tests/lib/tap.sh"
#   check "the file exists" test -e "$file"
#   is "two cards" "$count" 2
#   tap_done

umask 022 # files that decide anything are refused when a group may write to them

tap_count=0
tap_failed=0

# Diagnostic lines of an argument or of standard input.
diag() {
  if [ $# -gt 0 ]; then printf '%s\n' "$*"; else cat; fi | sed 's/^/# /'
}

ok() {
  tap_count=$((tap_count + 1))
  printf 'ok %d - %s\n' "$tap_count" "$*"
}

not_ok() {
  tap_count=$((tap_count + 1))
  tap_failed=$((tap_failed + 1))
  printf 'not ok %d - %s\n' "$tap_count" "$*"
}

# check NAME COMMAND...: passes when the command succeeds. Its output is shown when it fails, and kept in $tap_output.
check() {
  local name=$1 status
  shift
  tap_output=$("$@" 2>&1)
  status=$?
  if [ "$status" = 0 ]; then
    ok "$name"
  else
    not_ok "$name"
    diag "command: $*"
    diag "status: $status"
    printf '%s\n' "$tap_output" | diag
  fi
  return "$status"
}

# refused NAME COMMAND...: passes when the command fails in an orderly way (a signal or "not found" is no refusal).
refused() {
  local name=$1 status
  shift
  tap_output=$("$@" 2>&1)
  status=$?
  if [ "$status" -gt 0 ] && [ "$status" -lt 124 ]; then
    ok "$name"
    return 0
  fi
  not_ok "$name"
  diag "command: $*"
  diag "status: $status, expected a refusal"
  printf '%s\n' "$tap_output" | diag
  return 1
}

# is NAME GOT EXPECTED
is() {
  if [ "$2" = "$3" ]; then
    ok "$1"
    return 0
  fi
  not_ok "$1"
  diag "got:      $2"
  diag "expected: $3"
  return 1
}

# like NAME GOT EXTENDED-REGULAR-EXPRESSION
like() {
  if [[ $2 =~ $3 ]]; then
    ok "$1"
    return 0
  fi
  not_ok "$1"
  diag "got:              $2"
  diag "expected to match: $3"
  return 1
}

# flip_bit FILE OFFSET: the lowest bit of one byte. A fixed byte written over a random one changes nothing once in
# 256 runs.
flip_bit() {
  local byte
  byte=$(od -An -tu1 -j "$2" -N 1 "$1") && [ -n "$byte" ] || tap_bail_out "no byte $2 in $1"
  printf '%b' "$(printf '\\x%02x' $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# Stops the script at once, for what makes all further tests meaningless.
tap_bail_out() {
  printf 'Bail out! %s\n' "$*"
  exit 99
}

tap_done() {
  printf '1..%d\n' "$tap_count"
  [ "$tap_failed" = 0 ] && [ "$tap_count" -gt 0 ]
  exit
}
