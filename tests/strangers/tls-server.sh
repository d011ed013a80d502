# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# TLS servers whose key is in the SE, for tests/strangers/*.test. Source lib.sh first. curl and gnutls-cli, without
# anything of ours, are the clients and plain_openssl certificate, host name and signature.
#
#   server_make_ca         # a CA of this test alone in $work/ca.pem: what our mock CA issues for the SE is a client's
#   server_certificate     # $work/server.pem by that CA: the SE's TLS key, for localhost
#   meets PORT             # rows of the table: both clients at both versions of TLS

server_make_ca() {
  plain_openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj "/CN=CA of this test" -days 2 \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout "$work/ca.key" -out "$work/ca.pem" > "$work/ca.log" 2>&1 ||
    tap_bail_out "no CA: $(tail -n 1 "$work/ca.log")"
}

server_certificate() {
  plain_openssl x509 -in "$work/tls-client.pem" -noout -pubkey > "$work/server.pub" &&
    plain_openssl x509 -new -force_pubkey "$work/server.pub" -subj /CN=localhost -CA "$work/ca.pem" -CAkey "$work/ca.key" \
      -days 1 -extfile <(echo subjectAltName=DNS:localhost) -out "$work/server.pem" > "$work/ca.log" 2>&1 ||
    tap_bail_out "no certificate: $(tail -n 1 "$work/ca.log")"
}

curl_gets() { # VERSION PORT
  timeout "${curl_seconds:-30}" curl -sS --cacert "$work/ca.pem" --tlsv1.2 --tls-max "1.$1" -w '\nTLS verified: %{ssl_verify_result}\n' \
    "https://localhost:$2/"
}
gnutls_gets() { # VERSION PORT
  printf 'GET / HTTP/1.0\r\n\r\n' | timeout 30 gnutls-cli --x509cafile "$work/ca.pem" \
    --priority "NORMAL:-VERS-ALL:+VERS-TLS1.$1" -p "$2" localhost
}
# meets PORT: both clients at both versions
meets() {
  local version signed words
  for version in 2 3; do
    signed=RSA-PSS-RSAE-SHA256 words=RSA-PSS
    [ "$version" = 3 ] || signed=RSA-SHA256 words="RSA-PSS and PKCS #1 v1.5, as the client likes"
    task SE "server key at TLS 1.$version"
    result "works, $words"
    check "TLS 1.$version: curl" curl_gets "$version" "$1"
    like "TLS 1.$version: it has verified the server" "$tap_output" "TLS verified: 0"
    check "TLS 1.$version: gnutls-cli" gnutls_gets "$version" "$1"
    like "TLS 1.$version: it names version, signature and trust" "$tap_output" \
      "The certificate is trusted.*TLS1.$version.*\($signed\)"
  done
}
many_at_once() { # PORT: eight clients
  local pids=() pid wrong=0
  for _ in 1 2 3 4 5 6 7 8; do
    curl_gets 3 "$1" > /dev/null 2>> "$work/many.log" &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do
    wait "$pid" || wrong=$((wrong + 1))
  done
  [ "$wrong" = 0 ] || { cat "$work/many.log"; return 1; }
}
