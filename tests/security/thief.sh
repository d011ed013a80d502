# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# Another user of the machine: may speak to pcscd, and nothing else. Sourced after tests/lib/pcscd.sh.
#
#   thief_begin READER       # starts it, as nobody where the test is root; the reader as PC/SC names it
#   thief_end READER         # stops it; sets thief_tries, thief_answers, thief_signatures, thief_items

thief() { # READER [ROUNDS]
  local as=()
  [ "$(id -u)" = 0 ] && as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
  PCSCLITE_NO_BLOCKING=1 exec "${as[@]}" "$readers_run/card-thief" "$@"
}

# The build folder may be closed to it.
thief_take_program() {
  [ -e "$readers_run/card-thief" ] || install -m 0755 "$top_builddir/tests/security/card-thief" "$readers_run/card-thief"
}

declare -A thief_pids
thief_begin() {
  thief_take_program
  (thief "$1" > "$readers_run/thief.${1// /}") &
  thief_pids[$1]=$!
  readers_at_exit+=("stop_process $!")
}

thief_end() {
  kill -TERM "${thief_pids[$1]}" && wait "${thief_pids[$1]}"
  # shellcheck disable=SC2046 # four numbers
  set -- $(grep -oE '[0-9]+' "$readers_run/thief.${1// /}")
  thief_tries=$1 thief_answers=$2 thief_signatures=$3 thief_items=$4
}
