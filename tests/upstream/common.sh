# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# Sourced by tests/upstream/*.test: reproduce NAME runs one of the programs against an emulated card, and sits at the
# reader for it.
. "$top_srcdir/tests/pkcs11/common.sh"

programs=$top_builddir/tests/upstream
: "${limit:=15}" # seconds; what takes longer waits for ever
pkcs11_issue
cards=$pki/cards
auth_pin=$(cat "$cards/patient-1/pin/auth")
sign_pin=$(cat "$cards/patient-1/pin/sign")
export OPENSC_CONF=$readers_run/stock.conf # stock drivers only
echo 'app default { framework pkcs15 { use_file_caching = no; } }' > "$OPENSC_CONF"
echo 'app default { card_drivers = openpgp; }' > "$readers_run/other-driver.conf"

# arguments_of NAME MODULE AUTHENTICATION-TOKEN SIGNATURE-TOKEN VARIABLE
arguments_of() {
  case $1 in
    close-all-sessions | session-info-exchange | null-pointers | restarted-pcscd) arguments=("$2" "$3" "$auth_pin") ;;
    removed-card | former-card | officer-believed | init-pin-in-log | key-in-log | lock-kept | parameter-length)
      arguments=("$2" "$3") ;;
    logout-not-told) arguments=("$2" "$3" "$auth_pin" "$reader 00 00") ;;
    consent-not-asked) arguments=("$2" "$4" "$sign_pin") ;;
    context-login-without-operation) arguments=("$2" "$4" "$sign_pin" WRONG99) ;;
    handles-recycled) arguments=("$2" "$3" "$4") ;;
    missing-configuration) arguments=("$2" "$readers_run/other-driver.conf" "$5") ;;
    events-at-initialize | interposed-functions | threads-at-load | no-thread-to-be-had) arguments=("$2") ;;
    sixteen-readers) arguments=() ;;
    *) return 1 ;;
  esac
}

# Who sits at the reader.
serve() {
  case $1 in
    "take the card out and put it in again") softcard_do swap "$reader" "$card" ;;
    "put another card in") softcard_do swap "$reader" "$cards/patient-2" ;;
    "take the card out") softcard_do remove "$reader" && return ;;
    "restart pcscd") pcscd_stop && pcscd_start "$reader" && readers_wait 10 softcard_linked "$reader" ;;
    *) return 1 ;;
  esac && readers_wait 5 card_is_ready
}

# reproduce NAME: with arguments. Sets outcome (present, absent, crash, hang, or that it could not be tried), and shows
# what the program says.
reproduce() {
  local line from to runner
  coproc RUN {
    exec 2> "$readers_run/errors"
    timeout "$limit" "$programs/$1" "${arguments[@]}"
    echo "status $?"
  }
  runner=$RUN_PID
  exec {from}<&"${RUN[0]}" {to}>&"${RUN[1]}"
  outcome=nothing
  while IFS= read -r line <&"$from"; do
    diag "$1: $line"
    case $line in
      "> "*)
        serve "${line#> }" > "$readers_run/served" 2>&1 || diag < "$readers_run/served"
        echo "done" >&"$to"
        ;;
      "status 0") outcome=absent ;;
      "status 1") outcome=present ;;
      "status 124") outcome=hang ;;
      "status 133" | "status 134" | "status 139") outcome=crash ;; # SIGTRAP, SIGABRT, SIGSEGV
      "status "*) outcome="could not be tried" ;;
    esac
  done
  exec {from}<&- {to}>&-
  wait "$runner"
  case $outcome in present | absent) ;; *) diag < "$readers_run/errors" ;; esac
}

# A fresh card for each: some use up tries, some leave it open.
fresh_reader() {
  card=$readers_run/card
  softcard_do remove "$reader" > "$readers_run/removed" 2>&1
  rm -rf "$card"
  cp -a "$cards/patient-1" "$card"
  softcard_do insert "$reader" "$card" && readers_wait 5 card_is_ready
}

# The programs of the table, in its order.
all_programs() {
  sed -n 's/^| \[\([a-z-]*\)\](.*/\1/p' "$top_srcdir/tests/upstream/README.md"
}
