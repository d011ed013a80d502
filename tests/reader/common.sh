# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# For the tests of readers: echo cards, and a PC/SC client that keeps its handle between questions.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/pcscd.sh"

# The PC/SC form of a type B card (PC/SC part 3) and a contact card with T=1.
atr_a=3B8880011C2D9411F7718500BE
atr_b=3B8F8001454D5552544C415354414E44415221

patient="Uketsuke Patient 00 00"
removed=80100069
no_card=8010000C
reset=80100068
mismatch=8010000F # the card left between two looks of SCardTransmit: at the handle's events, then at the card's protocol

# echo_card NAME ATR: makes an image, prints its folder.
echo_card() {
  local image=$readers_run/cards/$1
  mkdir -p "$image" && chmod 0700 "$image" && echo echo > "$image/personality" && echo "$2" > "$image/atr" &&
    printf %s "$1" > "$image/card-id"
  echo "$image"
}

hex_of() { printf %s "$1" | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F; }

# probe_start: one PC/SC client per number; ask N LINE gives its answer, tell N LINE and hear N do it in two steps.
declare -A probe_in probe_out
probe_start() {
  local number=$1 in out
  mkfifo "$readers_run/probe-$number.in" "$readers_run/probe-$number.out"
  timeout 600 "$top_builddir/tests/reader/pcsc-probe" < "$readers_run/probe-$number.in" > "$readers_run/probe-$number.out" &
  exec {in}> "$readers_run/probe-$number.in" {out}< "$readers_run/probe-$number.out"
  probe_in[$number]=$in
  probe_out[$number]=$out
}

# Ends the client by closing its input.
probe_end() {
  local in=${probe_in[$1]} out=${probe_out[$1]}
  exec {in}>&- {out}<&-
  rm -f "$readers_run/probe-$1.in" "$readers_run/probe-$1.out"
}

tell() { echo "$2" >&"${probe_in[$1]}"; }
hear() {
  local answer="no answer"
  read -r -t "${2:-60}" answer <&"${probe_out[$1]}"
  echo "$answer"
}
ask() {
  tell "$1" "$2"
  hear "$1"
}

now_ms() { echo $(($(date +%s%N) / 1000000)); }
