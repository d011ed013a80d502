# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# What a patient's card exchanges from its insertion to the first signature after institution authentication, in a process
# that has worked with it before, as a terminal has. Sourced by tests and by bench-cards, behind pcscd.sh; the card is in.
#
#   first_signature MODULE READER CARD PKI     sets first_apdus, first_bytes and first_said (the walker's lines, one string)

first_until_paused() {
  local line
  while IFS= read -r -t 60 line && [ "$line" != paused ]; do
    echo "$line,"
  done
}

first_exchanged() { # READER: "APDUS BYTES"
  softcard_do stats |
    jq -r --arg reader "$1" '.readers[] | select(.name == $reader) | "\(.apdus) \(.command_bytes + .response_bytes)"'
}

first_signature() {
  local module=$1 reader=$2 card=$3 from to walker
  local prove=("open-soon=JPKI (institution)" "import=$4/se-1/institution.cvc" random=16
    "answer=$4/se-1/institution.key" login sign)
  coproc WALK { timeout 60 "$top_builddir/tests/pkcs11/token-steps" "$module" initialise "${prove[@]}" logout pause \
    "${prove[@]}" pause finalise 2>&1; }
  walker=$WALK_PID
  exec {from}<&"${WALK[0]}" {to}>&"${WALK[1]}"
  first_said=$(first_until_paused <&"$from")
  softcard_do remove "$reader"
  softcard_do stats --reset > /dev/null
  softcard_do insert "$reader" "$card"
  echo go >&"$to"
  first_said+=$(first_until_paused <&"$from")
  read -r first_apdus first_bytes <<< "$(first_exchanged "$reader")"
  echo go >&"$to"
  exec {from}<&- {to}>&-
  wait "$walker"
}
