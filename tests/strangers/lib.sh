# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# Other people's programs with our module, a patient's card and a personalised SE. Sourced by tests/strangers/*.test
# (bash).
#
#   . "$top_srcdir/tests/strangers/lib.sh"
#   strangers_begin                          # two readers with cards, $module, PIN files, tokens' URIs, $data to sign.
#                                            # The SE is bound to this terminal; with the word "unbound" it is nobody's
#   stranger p11tool gnutls-bin environment  # the client, the package whose version is shown, the way of the PIN
#   task se "signs, PKCS #1 v1.5"            # a row of docs/interop.md; what is checked up to the next task proves it
#   result "TLS 1.3, RSA-PSS"                # what the row says instead of "works"
#   cannot "does not know the mechanism"     # the row says "does not work, because ..."; the checks prove that it is
#                                            # refused cleanly
#   strangers_done                           # instead of tap_done
#
# Each row is a line "# interop: client|version|token|what|way of the PIN|result" in the test's log;
# tests/strangers/table collects them.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/pcscd.sh"
. "$top_srcdir/tests/lib/office.sh"
. "$top_srcdir/tests/se/common.sh"

module=$top_builddir/pkcs11-jpki/.libs/pkcs11-jpki.so
patient_reader="Uketsuke Patient"
auth_token="JPKI (user authentication)"
sign_token="JPKI (digital signature)"
pss=(-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest) # openssl: an RSA-PSS signature as TLS makes it
export UKETSUKE_OPENSC_CONF=$top_builddir/pkcs11-jpki/opensc-build.conf

strangers_begin() { # [unbound]
  readers_begin && se_take_from_office || tap_bail_out "no private folder, or mock-ca failed"
  work=$readers_run patient=$pki/cards/patient-1 data=$readers_run/data signature=$readers_run/signature
  anchors=$pki/anchors
  printf 8642 > "$patient/pin/input-support-pin" # another one than for authentication: who mixes them up loses a try
  pcscd_start "$patient_reader" "$se_reader" && softcard_start "$patient_reader=$patient" "$se_reader=$image" ||
    tap_bail_out "no readers"
  se_personalise > "$work/personalise.log" 2>&1 || tap_bail_out "personalise-se: $(tail -n 1 "$work/personalise.log")"
  [ "${1-}" = unbound ] || strangers_bind
  umask 077
  head -c 1000 /dev/urandom > "$data"
  strangers_write_pins
  se_token=$(se_token_label)
  [ -n "$se_token" ] || tap_bail_out "our module does not show the SE"
  se_uri="pkcs11:serial=$(< "$image/card-id")"
  auth_uri="pkcs11:token=JPKI%20%28user%20authentication%29;object=User%20Authentication"
  sign_uri="pkcs11:token=JPKI%20%28digital%20signature%29;object=Digital%20Signature"
  openssl x509 -inform DER -in "$patient/ef/000A" -out "$work/auth.pem"
  openssl x509 -inform DER -in "$patient/ef/0001" -out "$work/sign.pem"
  cp "$se"/*.pem "$work/"
}

strangers_bound_from=
strangers_bind() {
  se_bind > "$work/bind.log" 2>&1 || tap_bail_out "se_bind: $(tail -n 1 "$work/bind.log")"
  strangers_bound_from=$(wc -l < "$trace")
}

# No stranger knows of the secure channel, and none went past it. (Cards of people have PINs 18 and 1B, the SE has 01.)
strangers_check_channel() {
  tail -n "+$((strangers_bound_from + 1))" "$trace" > "$work/bound.trace"
  is "the SE was given no PIN in clear" "$(grep -c 'APDU 00200001' "$work/bound.trace")" 0
  check "but in the secure channel" grep -qE 'APDU [08]4200001 \([0-9]+ bytes\) -> 9000' "$work/bound.trace"
}

# Files se-pin, auth-pin, sign-pin for programs that read a PIN from a file, and -wrong ones that cost a try.
strangers_write_pins() {
  AUTH_PIN=$(< "$patient/pin/auth") SIGN_PIN=$(< "$patient/pin/sign")
  export AUTH_PIN SIGN_PIN
  printf '%s' "$SE_PIN" > "$work/se-pin"
  printf '%06d' $(((10#$SE_PIN + 1) % 1000000)) > "$work/se-pin-wrong"
  printf '%s' "$AUTH_PIN" > "$work/auth-pin"
  printf '%04d' $(((10#$AUTH_PIN + 1) % 10000)) > "$work/auth-pin-wrong"
  printf '%s' "$SIGN_PIN" > "$work/sign-pin"
  printf 'X%s' "$SIGN_PIN" > "$work/sign-pin-wrong"
}

# strangers_only se|patient: the other card is out, for programs that take any token for the one they look for
strangers_only() {
  if [ "$1" = se ]; then
    softcard_do remove "$patient_reader"
    readers_wait 10 strangers_only_sees "Institution SE" JPKI || tap_bail_out "the patient's card is still there"
  else
    softcard_do remove "$se_reader"
    softcard_do insert "$patient_reader" "$patient"
    readers_wait 10 strangers_only_sees JPKI "Institution SE" || tap_bail_out "the SE is still there"
  fi
}
strangers_only_sees() { # IN OUT: beginnings of tokens' labels
  local shown
  shown=$(timeout 30 pkcs11-tool --module "$module" -L 2> /dev/null) &&
    grep -q "token label *: $1" <<< "$shown" && ! grep -q "token label *: $2" <<< "$shown"
}

# Tries that the card has left, from its own files: tries se, tries auth, tries sign, tries card-data
tries() {
  case $1 in
    se) cat "$image/state/pin-tries" ;;
    auth) cat "$patient/state/auth-tries" 2> /dev/null || echo 3 ;;
    sign) cat "$patient/state/sign-tries" 2> /dev/null || echo 5 ;;
    card-data) cat "$patient/state/input-support-pin-tries" 2> /dev/null || echo 3 ;;
  esac
}

# verifies NAME DIGEST [openssl option ...]: $signature is NAME's (institution, tls-client, auth, sign) over $data
verifies() {
  local name=$1 digest=$2
  shift 2
  plain_openssl dgst "-$digest" -verify <(plain_openssl x509 -in "$work/$name.pem" -noout -pubkey) "$@" -signature "$signature" "$data"
}

# openssl by itself, without any engine or configuration of ours: whom the tests believe.
plain_openssl() {
  OPENSSL_CONF=/dev/null timeout 30 openssl "$@"
}

# orderly COMMAND...: for programs that say "no" with 254 or 255, which looks like a shell's trouble.
orderly() {
  local status
  "$@"
  status=$?
  [ "$status" -lt 254 ] || status=1
  return "$status"
}

fingerprint() { # [-in FILE] [OPTION...] of a certificate, else of the one on standard input
  plain_openssl x509 "$@" -noout -fingerprint -sha256 | sed 's/.*=//'
}

# An openssl.cnf in $engine_configuration that knows the pkcs11 engine with our module; and one in $pkcs1_configuration
# whose TLS signs with PKCS #1 v1.5 only, for cards without RSA-PSS.
strangers_write_engine_configuration() {
  engine_configuration=$work/engine.cnf pkcs1_configuration=$work/engine-pkcs1.cnf
  cat > "$engine_configuration" <<CONFIGURATION
openssl_conf = main
[main]
engines = engines
[engines]
pkcs11 = pkcs11
[pkcs11]
engine_id = pkcs11
MODULE_PATH = $module
init = 0
CONFIGURATION
  sed 's/^\[main\]/&\nssl_conf = ssl/' "$engine_configuration" > "$pkcs1_configuration"
  cat >> "$pkcs1_configuration" <<CONFIGURATION
[ssl]
system_default = pkcs1
[pkcs1]
SignatureAlgorithms = ECDSA+SHA256:RSA+SHA256
CONFIGURATION
}

# An openssl.cnf in $provider_configuration that knows the pkcs11 provider with our module.
strangers_write_provider_configuration() {
  provider_configuration=$work/provider.cnf
  cat > "$provider_configuration" <<CONFIGURATION
openssl_conf = main
[main]
providers = providers
[providers]
default = own
pkcs11 = token
[own]
activate = 1
[token]
pkcs11-module-path = $module
activate = 1
CONFIGURATION
}

# A TLS server on a free port of localhost that demands a client's certificate and tells in its page what it saw.
strangers_start_tls_server() {
  tls_server_log=$work/tls-server.log
  OPENSSL_CONF=/dev/null openssl s_server -accept 127.0.0.1:0 -www -Verify 2 -verify_return_error \
    -CAfile "$anchors/roots.pem" -cert "$pki/pf/tls.pem" -key "$pki/pf/tls.key" > "$tls_server_log" 2>&1 &
  readers_at_exit+=("stop_process $!")
  readers_wait 10 grep -q '^ACCEPT' "$tls_server_log" || tap_bail_out "openssl s_server: $(tail -n 1 "$tls_server_log")"
  tls_port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$tls_server_log")
}

# served NAME FILE: what that server's page says of NAME. OpenSSL 3.5 names a signature by TLS 1.3's word for it
# (RFC 8446 4.2.3), 3.0 by its kind.
served() {
  tr -d '\r' < "$2" | sed -n "s/^ *$1 *: *//p" | head -n 1 | sed 's/^rsa_pss_rsae_.*/RSA-PSS/; s/^rsa_pkcs1_.*/RSA/'
}

# refuses_wrong_pin TOKEN NAME COMMAND...: the command, with a PIN file as its last argument, is refused with the wrong
# PIN, which costs one try, and gets it back with the right one. A row of the table.
refuses_wrong_pin() {
  local token=$1 name=$2 before
  shift 2
  case $name in
    se) task "$token" "wrong activation PIN" ;;
    auth) task "$token" "wrong authentication PIN" ;;
    sign) task "$token" "wrong signature PIN" ;;
  esac
  result "refused, one try spent"
  before=$(tries "$name")
  refused "$token: a wrong PIN is refused" "$@" "$work/$name-pin-wrong"
  is "$token: one try is spent, not more" "$(tries "$name")" "$((before - 1))"
  check "$token: the right PIN is accepted" "$@" "$work/$name-pin"
  is "$token: and gives the try back" "$(tries "$name")" "$before"
}

# --- rows of the table ------------------------------------------------------------------------------------------------

strangers_task=

package_of() { # PROGRAM: where its name is another one in each release
  dpkg-query -S "$(readlink -f "$(command -v "$1")")" 2> /dev/null | cut -d: -f1
}

stranger() { # CLIENT PACKAGE PIN-WAY
  strangers_end_task
  strangers_client=$1 strangers_pin_way=$3
  strangers_version=$(dpkg-query -W -f '${Version}' "$2" 2> /dev/null) || tap_bail_out "no $1: apt-get install $2"
}

task() { # TOKEN WHAT
  strangers_end_task
  strangers_token=$1 strangers_task=$2 strangers_result=works strangers_failed=$tap_failed strangers_seen=$tap_count
}

result() {
  strangers_result=$1
}

cannot() {
  strangers_result="does not work, because $1"
}

strangers_end_task() {
  [ -n "$strangers_task" ] || return 0
  [ "$tap_count" -gt "$strangers_seen" ] || not_ok "$strangers_task: nothing was checked"
  [ "$tap_failed" = "$strangers_failed" ] || strangers_result=failed
  printf '# interop: %s|%s|%s|%s|%s|%s\n' "$strangers_client" "$strangers_version" "$strangers_token" \
    "$strangers_task" "$strangers_pin_way" "$strangers_result"
  strangers_task=
}

strangers_done() {
  strangers_end_task
  [ -z "$strangers_bound_from" ] || strangers_check_channel
  tap_done
}
