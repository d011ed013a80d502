# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# The rows of bench-cards that ask tokens: commands and bytes of a signature, rates, first lists. Sourced
# by bench-cards.

patient_reader="Uketsuke Patient"
module=$top_builddir/pkcs11-jpki/.libs/pkcs11-jpki.so
stock=$(sed -n 's/^OPENSC_PKCS11 = //p' "$top_builddir/Makefile")
export UKETSUKE_OPENSC_CONF=$top_builddir/pkcs11-jpki/opensc-build.conf
. "$top_srcdir/tests/pkcs11/first-signature.sh"

exchanged() { # apdus|bytes, of the patient's reader
  softcard_do stats | jq --arg what "$1" '.readers[] | select(.name == "'"$patient_reader"'") |
    if $what == "bytes" then .command_bytes + .response_bytes else .apdus end'
}

count_again() {
  softcard_do stats --reset > /dev/null
}

# modelled_ms APDUS BYTES: the time these take on the air of a type B card at 106 kbit/s, without the card's own.
# ISO/IEC 14443: 1 etu = 128/13.56 MHz; 10 etu a character; each block has PCB and CRC (3 characters), start and end of
# frame (22 etu) and the shortest turn-round (18 etu); blocks hold 253 bytes, each further one costs an acknowledgement.
modelled_ms() {
  awk -v apdus="$1" -v bytes="$2" 'BEGIN {
    blocks = 2 * apdus + 2 * int(bytes / 253); etu = 10 * bytes + blocks * (30 + 22 + 18)
    printf "%.1f", etu * 128 / 13560
  }'
}

# Stock OpenSC with its own jpki driver: detection, login with the PIN, one signature. Its numbers in
# stock_apdus, _bytes.
count_stock_signature() {
  head -c 32 /dev/urandom > "$readers_run/hash"
  count_again
  timeout 60 pkcs11-tool --module "$stock" --slot-index 0 --login --pin "env:BENCH_PIN" --sign -m SHA256-RSA-PKCS \
    --id 01 -i "$readers_run/hash" -o "$readers_run/signature" > "$readers_run/stock.log" 2>&1 ||
    fail "stock OpenSC does not sign: $(tail -n 1 "$readers_run/stock.log")"
  stock_apdus=$(exchanged apdus) stock_bytes=$(exchanged bytes)
}

# The same by institution authentication, in a process that has worked with this card before; the CAs come from the
# configuration, as on a terminal.
count_our_signature() {
  sed "s|trust_anchors = .*|trust_anchors = \"$pki/anchors\";|" "$UKETSUKE_OPENSC_CONF" > "$readers_run/anchors.conf"
  UKETSUKE_OPENSC_CONF=$readers_run/anchors.conf \
    first_signature "$module" "$patient_reader" "$pki/cards/patient-1" "$pki"
  our_apdus=$first_apdus our_bytes=$first_bytes
  [ "$(grep -o "sign CKR_OK verified" <<< "$first_said" | wc -l)" = 2 ] ||
    fail "no signature after institution authentication: $first_said"
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
    "$(awk -v n="$stock_bytes" 'BEGIN { printf "%.3f", n / 3400 }')" lower "3400 bytes"
  bench_row "card in to signature, modelled at 106 kbit/s" ms "$(modelled_ms "$our_apdus" "$our_bytes")" \
    "$(modelled_ms "$stock_apdus" "$stock_bytes")" "stock OpenSC, PIN" 0 lower
  softcard_stop
  pcscd_stop
}

# --- C_Logout ---------------------------------------------------------------------------------------------------------

# logout_cost MODULE TOKEN: sets whole_us, logout_us and logout_apdus.
logout_cost() {
  local line from to walker
  coproc WALK { timeout 60 "$top_builddir/bench/logout" "$1" "$2" 100; }
  walker=$WALK_PID
  exec {from}<&"${WALK[0]}" {to}>&"${WALK[1]}"
  read -r -t 60 line whole_us _ <&"$from" && [ "$line" = whole ] &&
    read -r -t 60 line logout_us _ <&"$from" && [ "$line" = logout ] && read -r -t 60 line <&"$from" ||
    fail "$2: no login"
  count_again
  echo go >&"$to"
  read -r -t 60 line <&"$from" && [ "$line" = after ] || fail "$2: no logout"
  logout_apdus=$(exchanged apdus)
  echo go >&"$to"
  exec {from}<&- {to}>&-
  wait "$walker"
}

# Stock OpenSC with its own driver forgets the login and leaves the card as it is.
measure_logouts() {
  local results=$readers_run/logout i our_logout stock_logout
  sed "s|hold_card = .*|hold_card = no;|" "$UKETSUKE_OPENSC_CONF" > "$readers_run/not-held.conf"
  say "logouts"
  pcscd_start "$patient_reader" && softcard_start "$patient_reader=$pki/cards/patient-1" || fail "no reader"
  BENCH_PIN=$(cat "$pki/cards/patient-1/pin/auth")
  export BENCH_PIN
  for ((i = 0; i < rounds; i++)); do
    logout_cost "$module" "JPKI (user authentication)"
    echo "us $logout_us" >> "$results.ours"
    echo "us $whole_us" >> "$results.held"
    our_logout=$logout_apdus
    UKETSUKE_OPENSC_CONF=$readers_run/not-held.conf logout_cost "$module" "JPKI (user authentication)"
    echo "us $whole_us" >> "$results.not-held"
    logout_cost "$stock" "JPKI (User Authentication PIN)"
    echo "us $logout_us" >> "$results.stock"
    stock_logout=$logout_apdus
  done
  bench_row "C_Logout that closes the card's rights" APDUs "$our_logout" "$stock_logout" "stock OpenSC" 0 lower
  bench_row "C_Logout that closes the card's rights" us "$(figure "$results.ours" us)" "$(figure "$results.stock" us)" \
    "stock OpenSC" 0 lower
  bench_row "login, signature, logout: the card held" us "$(figure "$results.held" us)" \
    "$(figure "$results.not-held" us)" "hold_card = no" 0 lower
  softcard_stop
  pcscd_stop
}

# --- signatures of the SE ---------------------------------------------------------------------------------------------

softhsm=/usr/lib/softhsm/libsofthsm2.so

# A SoftHSM2 token with the SE's own institution key.
start_softhsm() {
  export SOFTHSM2_CONF=$readers_run/softhsm.conf
  mkdir -m 0700 "$readers_run/softhsm" || return 1
  printf 'directories.tokendir = %s\nlog.level = ERROR\n' "$readers_run/softhsm" > "$SOFTHSM2_CONF"
  softhsm2-util --init-token --free --label bench --so-pin 123456 --pin "$SE_PIN" &&
    openssl pkcs8 -topk8 -nocrypt -in "$se/institution.key" -out "$readers_run/pkcs8.pem" &&
    softhsm2-util --import "$readers_run/pkcs8.pem" --token bench --label institution --id 01 --pin "$SE_PIN"
}

sign_rate() { # MODULE TOKEN [THREADS]
  BENCH_PIN=$SE_PIN timeout 60 "$top_builddir/bench/sign-rate" "$1" "$2" 2 "${3:-1}" || fail "$2 does not sign"
}

# Signatures a second by libcrypto alone.
speed_rate() {
  timeout 60 openssl speed -mr -seconds 2 rsa2048 2> /dev/null | awk -F : '/^[+]F2:/ { print "rate", $4 }'
}

measure_signatures() {
  local results=$readers_run/signatures i unbound se_token
  say "signatures of the SE"
  pcscd_start "$se_reader" && softcard_start "$se_reader=$image" || fail "no reader"
  se_personalise > "$readers_run/personalise.log" 2>&1 ||
    fail "personalise-se: $(tail -n 1 "$readers_run/personalise.log")"
  se_token=$(se_token_label)
  start_softhsm > "$readers_run/softhsm.log" 2>&1 || fail "SoftHSM2: $(tail -n 1 "$readers_run/softhsm.log")"
  sign_rate "$module" "$se_token" > "$results.unbound"
  unbound=$(figure "$results.unbound" rate)
  se_bind > "$readers_run/bind.log" 2>&1 || fail "the SE cannot be bound: $(tail -n 1 "$readers_run/bind.log")"
  for ((i = 0; i < rounds; i++)); do
    sign_rate "$module" "$se_token" >> "$results.ours"
    sign_rate "$softhsm" bench >> "$results.softhsm"
    sign_rate "$module" "$se_token" 8 >> "$results.ours-8"
    sign_rate "$softhsm" bench 8 >> "$results.softhsm-8"
    speed_rate >> "$results.speed"
  done
  bench_row "C_Sign RSA-2048 on the bound SE" "1/s" "$(figure "$results.ours" rate)" "$(figure "$results.softhsm" rate)" \
    SoftHSM2 1 higher "as fast"
  bench_row "the same, 8 threads" "1/s" "$(figure "$results.ours-8" rate)" "$(figure "$results.softhsm-8" rate)" \
    SoftHSM2 1 higher "as fast"
  bench_row "C_Sign RSA-2048 on the bound SE" "1/s" "$(figure "$results.ours" rate)" "$(figure "$results.speed" rate)" \
    "openssl speed" 0 higher
  bench_row "C_Sign RSA-2048 on the unbound SE" "1/s" "$unbound" "$(figure "$results.softhsm" rate)" SoftHSM2 0 higher
  softcard_stop
  pcscd_stop
}

# --- the first list of tokens -----------------------------------------------------------------------------------------

measure_first_list() {
  local results=$readers_run/list i
  say "first list of tokens with four readers"
  pcscd_start "$patient_reader" "Uketsuke Second" "Uketsuke Operator" "$se_reader" &&
    softcard_start "$patient_reader=$pki/cards/patient-1" "Uketsuke Second=$pki/cards/patient-2" \
      "Uketsuke Operator=$pki/cards/operator-reception" "$se_reader=$image" || fail "no readers"
  for ((i = 0; i < rounds; i++)); do
    first_list "$module" >> "$results.ours"
    first_list "$stock" >> "$results.stock"
  done
  bench_row "C_Initialize to first token list, 4 readers" us "$(figure "$results.ours" list)" \
    "$(figure "$results.stock" list)" "stock OpenSC" 1 lower "not slower"
  say "   tokens: ours $(figure "$results.ours" tokens), stock $(figure "$results.stock" tokens)"
  softcard_stop
  pcscd_stop
}

first_list() { # MODULE
  timeout 60 "$top_builddir/bench/first-list" "$1" 5 || fail "$1 lists no tokens"
}
