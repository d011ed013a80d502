# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# Sourced by tests/pkcs11/*.test: one private reader with a patient's card fresh from mock-ca, our module ready.
#   $module the module, $pki what mock-ca made, $card the patient's image; steps STEP... walks through PKCS#11 calls.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/office.sh"
. "$top_srcdir/tests/lib/pcscd.sh"

reader="Uketsuke Patient"
module=$top_builddir/pkcs11-jpki/.libs/pkcs11-jpki.so
stock=$(sed -n 's/^OPENSC_PKCS11 = //p' "$top_builddir/Makefile")
auth_token="JPKI (user authentication)"
sign_token="JPKI (digital signature)"
institution_token="JPKI (institution)"
card_data_token="JPKI (card data)"
export UKETSUKE_OPENSC_CONF=$top_builddir/pkcs11-jpki/opensc-build.conf

# myna_options OPTION=VALUE...: from here on with these options of the card driver, as an administrator writes them.
myna_options() {
  local option edits=()
  for option in "$@"; do edits+=(-e "s|${option%%=*} = .*|${option%%=*} = ${option#*=};|"); done
  sed "${edits[@]}" "$top_builddir/pkcs11-jpki/opensc-build.conf" > "$readers_run/myna.conf" &&
    export UKETSUKE_OPENSC_CONF=$readers_run/myna.conf
}
myna_as_delivered() {
  export UKETSUKE_OPENSC_CONF=$top_builddir/pkcs11-jpki/opensc-build.conf
}

pkcs11_issue() {
  readers_begin || tap_bail_out "no private folder"
  pki=$readers_run/pki
  office_copy "$pki" || tap_bail_out "mock-ca failed"
}

pkcs11_begin() {
  pkcs11_issue
  pkcs11_start
}

pkcs11_start() {
  card=$pki/cards/patient-1
  chain=$pki/se-1/institution.cvc
  holder_key=$pki/se-1/institution.key
  auth_pin=$(cat "$card/pin/auth")
  sign_pin=$(cat "$card/pin/sign")
  pcscd_start "$reader" || tap_bail_out "no pcscd"
  softcard_start "$reader=$card" || tap_bail_out "no softcard"
  umask 077
}

steps() {
  timeout 60 "$top_builddir/tests/pkcs11/token-steps" "$module" "$@" 2>&1
}

# The return values of some steps on one line: "open CKR_OK, login CKR_OK".
said() {
  paste -sd, | sed 's/,/, /g'
}

tool() {
  timeout 60 pkcs11-tool --module "$module" "$@"
}

# A card as the CA issued it, for tests that use up tries.
fresh_card() {
  softcard_do remove "$reader"
  rm -rf "$card/state"
  softcard_do insert "$reader" "$card"
  readers_wait 5 card_is_ready
}

# pcscd powers a card a moment after it was put in.
card_is_ready() {
  printf 'connect %s 00 00\ndisconnect leave\n' "$reader" | timeout 10 "$top_builddir/tests/reader/pcsc-probe" | grep -q '^00000000 T'
}

apdus() {
  softcard_do stats | jq "[.readers[].apdus] | add"
}

count_again() {
  softcard_do stats --reset > /dev/null
}

# How often an instruction was sent: sent 82
sent() {
  softcard_do stats | jq --arg ins "$1" '[.readers[].ins[$ins] // 0] | add'
}

# interrupted COMMAND STEP...: walks the steps and runs the command at each step "pause", whose outputs are in
# interruption.log. Sets before and after (what was said until the first one and from then, one line each) and walk_status.
interrupted() {
  local command=$1 line from to walker
  local -n part=before
  shift
  coproc WALK { steps "$@"; }
  walker=$WALK_PID
  exec {from}<&"${WALK[0]}" {to}>&"${WALK[1]}" # coproc's own are closed in subshells
  before="" after=""
  : > "$readers_run/interruption.log"
  while IFS= read -r -t 60 line <&"$from"; do
    if [ "$line" = paused ]; then
      "$command" >> "$readers_run/interruption.log" 2>&1
      echo go >&"$to"
      local -n part=after
    else
      part+="${part:+, }$line"
    fi
  done
  exec {from}<&- {to}>&-
  wait "$walker"
  walk_status=$?
}
