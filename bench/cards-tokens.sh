# The rows of bench-cards that ask tokens: commands and bytes of a signature, rates, first lists. Sourced by bench-cards.

patient_reader="Uketsuke Patient"
module=$top_builddir/pkcs11-jpki/.libs/pkcs11-jpki.so
stock=$(sed -n 's/^OPENSC_PKCS11 = //p' "$top_builddir/Makefile")
export UKETSUKE_OPENSC_CONF=$top_builddir/pkcs11-jpki/opensc-build.conf

exchanged() { # apdus|bytes, of the patient's reader
  softcard_do stats | jq --arg what "$1" '.readers[] | select(.name == "'"$patient_reader"'") |
    if $what == "bytes" then .command_bytes + .response_bytes else .apdus end'
}

count_again() {
  softcard_do stats --reset > /dev/null
}

# modelled_ms APDUS BYTES: the time these take on the air of a type B card at 106 kbit/s, without the card's own. ISO/IEC
# 14443: 1 etu = 128/13.56 MHz; 10 etu a character; each block has PCB and CRC (3 characters), start and end of frame
# (22 etu) and the shortest turn-round (18 etu); blocks hold 253 bytes, each further one costs an acknowledgement.
modelled_ms() {
  awk -v apdus="$1" -v bytes="$2" 'BEGIN {
    blocks = 2 * apdus + 2 * int(bytes / 253); etu = 10 * bytes + blocks * (30 + 22 + 18)
    printf "%.1f", etu * 128 / 13560
  }'
}

# Stock OpenSC with its own jpki driver: detection, login with the PIN, one signature. Its numbers in stock_apdus, _bytes.
count_stock_signature() {
  head -c 32 /dev/urandom > "$readers_run/hash"
  count_again
  timeout 60 pkcs11-tool --module "$stock" --slot-index 0 --login --pin "env:BENCH_PIN" --sign -m SHA256-RSA-PKCS \
    --id 01 -i "$readers_run/hash" -o "$readers_run/signature" > "$readers_run/stock.log" 2>&1 ||
    fail "stock OpenSC does not sign: $(tail -n 1 "$readers_run/stock.log")"
  stock_apdus=$(exchanged apdus) stock_bytes=$(exchanged bytes)
}

# A process that has worked with this card before, as a terminal has; the card is put in again; then the institution
# authentication and a signature, checked with the card's certificate.
count_our_signature() {
  local prove=("open-soon=JPKI (institution)" "import=$pki/se-1/institution.cvc" random=16
    "answer=$pki/se-1/institution.key" login sign) from to said
  coproc WALK { timeout 60 "$top_builddir/tests/pkcs11/token-steps" "$module" initialise "${prove[@]}" logout pause \
    "${prove[@]}" pause finalise 2>&1; }
  exec {from}<&"${WALK[0]}" {to}>&"${WALK[1]}"
  said=$(until_paused <&"$from")
  softcard_do remove "$patient_reader"
  count_again
  softcard_do insert "$patient_reader" "$pki/cards/patient-1"
  echo go >&"$to"
  said+=$(until_paused <&"$from")
  our_apdus=$(exchanged apdus) our_bytes=$(exchanged bytes)
  echo go >&"$to"
  exec {from}<&- {to}>&-
  [ "$(grep -o "sign CKR_OK verified" <<< "$said" | wc -l)" = 2 ] || fail "no signature after institution authentication: $said"
}

until_paused() {
  local line
  while IFS= read -r -t 60 line && [ "$line" != paused ]; do
    echo "$line,"
  done
}

measure_commands() {
  say "commands and bytes of a signature"
  pcscd_start "$patient_reader" && softcard_start "$patient_reader=$pki/cards/patient-1" || fail "no reader"
  BENCH_PIN=$(cat "$pki/cards/patient-1/pin/auth")
  export BENCH_PIN
  count_stock_signature
  count_our_signature
  bench_row "card in to signature" APDUs "$our_apdus" "$stock_apdus" "stock OpenSC, PIN" \
    "$(awk -v n="$stock_apdus" 'BEGIN { printf "%.3f", n / 14 }')" lower "14 APDUs"
  bench_row "card in to signature" bytes "$our_bytes" "$stock_bytes" "stock OpenSC, PIN" \
    "$(awk -v n="$stock_bytes" 'BEGIN { printf "%.3f", n / 4000 }')" lower "4000 bytes"
  bench_row "card in to signature, modelled at 106 kbit/s" ms "$(modelled_ms "$our_apdus" "$our_bytes")" \
    "$(modelled_ms "$stock_apdus" "$stock_bytes")" "stock OpenSC, PIN" 0 lower
  softcard_stop
  pcscd_stop
}
