# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# A private pcscd with cardlink readers, and softcard to fill them. Sourced by test scripts and by the demonstration
# (bash). Needs: top_builddir. Nothing of the machine's own pcscd is touched: ours lives in a mount namespace of
# its own.
#
#   . "$top_srcdir/tests/lib/pcscd.sh"
#   readers_begin                                     # makes $readers_run, a private folder; everything ends at exit
#   pcscd_start "Uketsuke Patient" "Uketsuke SE"      # PCSCLITE_CSOCK_NAME is exported; PC/SC shows "Uketsuke Patient 00 00"
#   softcard_start "Uketsuke Patient=$image"          # returns when all readers are linked and the cards are in
#   softcard_do swap "Uketsuke Patient" "$other"      # insert, remove, swap, stats, fault, wait
#   softcard_stop; pcscd_stop                         # or let readers_end (the exit trap) do it
#
# For a clean-up of your own: append to the array readers_at_exit, each entry a command, run last first.

. "${BASH_SOURCE[0]%/*}/process.sh"

readers_run=
pcscd_pid=
softcard_pid=
readers_at_exit=()
pcscd_reader_names=()
: "${pcscd_options:=}" # further options for pcscd, for example "--debug --apdu"
: "${softcard_options:=}" # further options for softcard serve, for example "--log FILE --log-level debug"

readers_begin() {
  readers_run=$(mktemp -d "${TMPDIR:-/tmp}/uketsuke.XXXXXX") || return 1
  chmod 0711 "$readers_run"
  mkdir -m 0700 "$readers_run/conf" "$readers_run/link" || return 1
  mkdir -m 0755 "$readers_run/pcscd" || return 1
  trap 'readers_end' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

readers_end() {
  local status=$? i
  trap '' INT TERM HUP
  for ((i = ${#readers_at_exit[@]} - 1; i >= 0; i--)); do
    eval "${readers_at_exit[i]}"
  done
  readers_at_exit=()
  softcard_stop
  pcscd_stop
  [ -n "$readers_run" ] && rm -rf "$readers_run"
  readers_run=
  trap - EXIT
  return "$status"
}

# readers_wait SECONDS COMMAND...: tries the command until it succeeds, 20 ms apart; six times as long, because a machine
# may be slow and busy, and twelve times where the command itself takes long. Who waits for what comes loses nothing by that.
readers_wait() {
  local tries=$(($1 * 50 * 6)) end=$((SECONDS + $1 * 12))
  shift
  until "$@" > /dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] && [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.02
  done
}

# Writes the reader file. LIBPATH comes last: pcscd registers a reader as soon as it knows enough. Paths go through
# links in the private folder because unquoted values may only hold [A-Za-z0-9=/._@:-].
pcscd_write_configuration() {
  local library=$top_builddir/ifd-handler/.libs/libifdcardlink.so number=0 name
  [ -e "$library" ] || { echo "no $library: run make first" >&2; return 1; }
  ln -sf "$(readlink -f "$library")" "$readers_run/libifdcardlink.so"
  for name in "${pcscd_reader_names[@]}"; do
    printf 'FRIENDLYNAME "%s"\nDEVICENAME cardlink:%s%s\nLIBPATH %s\n\n' "$name" "${pcscd_device_options:-}" \
      "$readers_run/link/$number.sock" "$readers_run/libifdcardlink.so"
    number=$((number + 1))
  done > "$readers_run/conf/readers"
}

# pcscd_start NAME...: one pcscd with these readers.
pcscd_start() {
  pcscd_reader_names=("$@")
  pcscd_write_configuration || return 1
  pcscd_launch "$readers_run/pcscd" "$readers_run/conf" "$readers_run/pcscd.log" || return 1
  if ! readers_wait 10 pcscd_answers; then
    echo "pcscd did not become ready:" >&2
    cat "$readers_run/pcscd.log" >&2
    return 1
  fi
}

# pcscd_launch SOCKET-FOLDER CONFIGURATION-FOLDER LOG: as root in a mount namespace, else in a user and mount namespace.
# Sets pcscd_pid and PCSCLITE_CSOCK_NAME; clients must wait until it answers.
pcscd_launch() {
  local pcscd how=-m polkit=
  pcscd=$(PATH=$PATH:/usr/sbin:/sbin command -v pcscd) || { echo "no pcscd: apt-get install pcscd" >&2; return 1; }
  [ "$(id -u)" = 0 ] || how=-Urm
  export PCSCLITE_CSOCK_NAME=$1/pcscd.comm
  [ ${#PCSCLITE_CSOCK_NAME} -lt 107 ] || { echo "TMPDIR is too long for a socket: $TMPDIR" >&2; return 1; }
  # A shell without job control starts its children with SIGINT ignored, and pcscd would inherit that.
  # Where the machine has no /run/pcscd, an empty /run of our own gets one: nothing is made outside the namespace.
  # polkit (Debian 13's pcscd has it) asks a daemon of the machine who may use the card: ours needs none.
  "$pcscd" --help 2>&1 | grep -q -- --disable-polkit && polkit=--disable-polkit
  unshare $how sh -c '
    [ -d /run/pcscd ] || { mount -t tmpfs -o mode=0755 tmpfs /run && mkdir /run/pcscd; } || exit 1
    mount --bind "$1" /run/pcscd || exit 1
    shift
    exec env --default-signal=INT "$@"' sh "$1" "$pcscd" -f $polkit ${pcscd_options:-} --config "$2" > "$3" 2>&1 &
  pcscd_pid=$!
}

# Ready when a client finds all readers; gives up at once when pcscd has ended.
pcscd_answers() {
  kill -0 "$pcscd_pid" 2> /dev/null || return 0
  [ "$("$top_builddir/tests/reader/pcsc-probe" list | wc -l)" -ge ${#pcscd_reader_names[@]} ]
}

pcscd_stop() {
  [ -n "$pcscd_pid" ] && stop_process "$pcscd_pid"
  pcscd_pid=
}

# softcard_start [NAME=IMAGE...]: one softcard for all readers of pcscd_start. Either may be started first.
softcard_start() {
  local arguments=() number=0 name card
  for name in "${pcscd_reader_names[@]}"; do
    arguments+=(--reader "$name=$readers_run/link/$number.sock")
    number=$((number + 1))
  done
  for card in "$@"; do
    arguments+=(--card "$card")
  done
  # shellcheck disable=SC2086 # options are words
  "${softcard_program:-$top_builddir/mocks/cards/softcard}" serve --control "$readers_run/softcard.control" \
    "${arguments[@]}" $softcard_options > "$readers_run/softcard.log" 2>&1 &
  softcard_pid=$!
  for name in "${pcscd_reader_names[@]}"; do
    readers_wait 10 softcard_linked "$name" && kill -0 "$softcard_pid" 2> /dev/null && continue
    echo "softcard did not become ready:" >&2
    cat "$readers_run/softcard.log" >&2
    return 1
  done
}

softcard_linked() {
  kill -0 "$softcard_pid" 2> /dev/null || return 0
  softcard_do wait "$1"
}

# softcard_do COMMAND [ARGUMENT...]
softcard_do() {
  local command=$1
  shift
  "${softcard_program:-$top_builddir/mocks/cards/softcard}" "$command" --control "$readers_run/softcard.control" "$@"
}

softcard_stop() {
  [ -n "$softcard_pid" ] && stop_process "$softcard_pid"
  softcard_pid=
}
