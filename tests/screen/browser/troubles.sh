# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# What goes wrong at a desk, word by word: cards, services, the Secure Element, the machine. Sourced (bash) by
# browser.test behind tests/terminal/faults.sh; the scripts in *.mjs ask for these words.
#
#   trouble WORD [ARGUMENT...]
. "$top_srcdir/tests/lib/operator-cards.sh"
se_pin=$(cat "$hospital/terminal/se-pin")
issuer=$hospital/pki/se-1/issuer.key binding=$hospital/terminal/binding.key
cards=$hospital/pki/cards
desk_limit=""          # one line of [limits]
desk_identification="" # what [reception] says of it
clock_file=$hospital/clock full_file=$hospital/full
echo 0 > "$clock_file"
echo 0 > "$full_file"

se_tool() { timeout 30 "$top_builddir/se-driver/uketsuke-se-tool" "$@" --reader "Uketsuke SE"; }

mkdir -p "$hospital/neighbours"

# --- the desk -----------------------------------------------------------------------------------------------------------
desk_up() { # its clock and its disk are ours
  hospital_write_terminal_configuration
  printf '\n[neighbours]\nfolder = %s\n' "$hospital/neighbours" >> "$UKETSUKE_CONFIG"
  [ -z "$desk_identification" ] || printf '\n[reception]\nidentification = %s\n' "$desk_identification" >> "$UKETSUKE_CONFIG"
  [ -z "$desk_limit" ] || printf '\n[limits]\n%s\n' "$desk_limit" >> "$UKETSUKE_CONFIG"
  LD_PRELOAD="$top_builddir/tests/faults/.libs/faults.so" FAULT_CLOCK_FILE=$clock_file FAULT_FOLDER=$hospital/terminal \
    FAULT_FULL_FILE=$full_file hospital_open_desk
}
desk_again() { hospital_close_desk && desk_up; }
forged_chain() {
  hospital_close_desk
  hospital_write_terminal_configuration
  sed -i "s#^cvc-chain.*#cvc-chain = $hospital/pki/extra/institution-forged.cvc#" "$UKETSUKE_CONFIG"
  hospital_open_desk
}

# --- cards --------------------------------------------------------------------------------------------------------------
more_cards() {
  hospital_administrators && hospital_blank_se blank &&
    "$top_builddir/mocks/ca/mock-ca" patient "$hospital/pki" phone --person patient-1 --token JPKIAPGPSETOKEN > /dev/null
}
operator_cards() {
  local good=/organizationIdentifier=1312345678/serialNumber=R-0009/title=reception/CN=Test from=20200101000000Z to=20400101000000Z
  operator_cards_begin
  craft operator-early "$good" 20390101000000Z $to login && craft operator-mail "$good" $from $to mail &&
    craft operator-porter "${good/title=reception/title=porter}" $from $to login &&
    craft operator-homeless "${good/organizationIdentifier=1312345678\//}" $from $to login &&
    craft operator-other "${good/1312345678/1399999999}" $from $to login && craft operator-good "$good" $from $to login &&
    cp -r "$cards/operator-reception" "$cards/operator-empty" &&
    echo 'user-certificate gone' > "$cards/operator-empty/switches"
}
revoke_receptionist() {
  local serial
  serial=$(openssl x509 -inform DER -in "$cards/operator-reception/ef/000A" -noout -serial | sed 's/.*=0*//')
  sleep 1.1 # a revocation list has whole seconds
  "$top_builddir/mocks/ca/mock-ca" revoke "$hospital/pki" "$(printf %8s "$serial" | tr ' ' 0)"
}

# --- services -----------------------------------------------------------------------------------------------------------
persons() { # ended|later|none|several|changed|true: what the platform knows of everybody's coverage
  local change
  [ "$1" != changed ] || { hospital_change_coverage; return; }
  case $1 in
    ended) change='map(.from = "2001-04-01" | .to = "2002-03-31")' ;;
    later) change='map(.from = "2099-04-01" | .to = null)' ;;
    none) change='[]' ;;
    several) change='.[:1] | . + map(.insurerNumber = "06990099" | .number = "99999") | map(.from = "2001-04-01" | .to = null)' ;;
    *) change=. ;;
  esac
  jq ".persons[].coverages |= ($change)" "$hospital/pki/persons.json" > "$hospital/persons.json" &&
    hospital_load_persons "$hospital/persons.json"
}
false_platform() {
  hospital_stop_platform
  sed 's#pf/tls#extra/tls-foreign#' "$hospital/platform.conf" > "$hospital/false.conf"
  hospital_serve platform "$top_builddir/mocks/pf/uketsuke-pf" "$hospital/false.conf"
  hospital_platform_pid=$hospital_pid
}

# --- the Secure Element -------------------------------------------------------------------------------------------------
p11() { SE_PIN=$1 timeout 30 pkcs11-tool --module "$top_builddir/pkcs11-jpki/.libs/pkcs11-jpki.so" --token-label "Institution SE" \
  --login --pin env:SE_PIN "${@:2}"; }
copyist() {
  install -m 0600 "$binding" "$hospital/copy.key"
  se_tool status --binding-key "$hospital/copy.key"
}
sign_elsewhere() {
  head -c 100 /dev/urandom > "$hospital/data"
  p11 "$se_pin" --sign -m SHA256-RSA-PKCS --id 01 -i "$hospital/data" -o "$hospital/signature"
}
pair_elsewhere() {
  cp "$binding" "$hospital/keys-elsewhere"
  se_tool re-pair --issuer-key "$issuer" --binding-key "$hospital/keys-elsewhere"
}
pair_here() {
  hospital_close_desk
  cp "$hospital/keys-elsewhere" "$binding" && rm -f "$binding.state"
  desk_up
}

trouble() {
  case $1 in
    more-cards) more_cards ;;
    operator-cards) operator_cards ;;
    revoke-receptionist) revoke_receptionist ;;
    fault) softcard_do fault "$(hospital_reader "$2")" "$3" ;;
    platform-freeze) kill -STOP "$hospital_platform_pid" ;;
    platform-thaw) kill -CONT "$hospital_platform_pid" ;;
    platform-false) false_platform ;;
    platform-true) hospital_stop_platform; hospital_start_platform ;;
    platform-revokes) "$top_builddir/mocks/pf/uketsuke-pf" terminal revoke T-01 --config "$hospital/platform.conf" ;;
    history-down) hospital_stop_history ;;
    history-up) hospital_start_history ;;
    persons) persons "$2" ;;
    desk-limits) desk_limit=${*:2}; desk_again ;;
    desk-identification) desk_identification=$2; desk_again ;;
    desk-same-card) hospital_same_card_minutes=$2; desk_again ;;
    desk-forged-chain) forged_chain ;;
    desk-true) desk_again ;;
    clock) echo "$2" > "$clock_file" ;;
    disk) echo "$2" > "$full_file" ;; # 1: full
    list-gone) mv "$hospital/pki/anchors/jpki-auth-ca.crl" "$hospital/list.crl"; desk_again ;;
    list-back) mv "$hospital/list.crl" "$hospital/pki/anchors/jpki-auth-ca.crl"; desk_again ;;
    pcscd-down) kill -KILL "$pcscd_pid"; wait "$pcscd_pid"; pcscd_pid= ;;
    pcscd-up) pcscd_start "Uketsuke Patient" "Uketsuke Operator" "Uketsuke SE" && softcard_do wait "Uketsuke SE" ;;
    unlock) uketsuke_with_pin "$se_pin" unlock ;;
    unlock-pin) echo "$se_pin" ;;
    se-wrong-pin) p11 000000 -O ;;
    se-copyist) copyist ;;
    se-signs) sign_elsewhere ;;
    se-lock) se_tool lock --issuer-key "$issuer" ;;
    se-unlock) se_tool unlock --issuer-key "$issuer"; hospital_card se se-1 ;;
    se-pair-elsewhere) pair_elsewhere ;;
    se-pair-here) pair_here ;;
    se-accept) hospital_accept_se ;;
    se-terminate) se_tool terminate --issuer-key "$issuer" --yes ;;
    *) echo "what is $1?" >&2 ;;
  esac
}
