# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# A relay with the hospital's Secure Element, and terminals that reach it. Sourced (bash) behind hospital.sh, when the
# hospital has its readers and its SE is personalised.
#
#   relay_begin                 # what belongs to it in $relay; the binding key moves there
#   relay_start; relay_stop [SIGNAL]          # $relay_pid, $relay_port
#   relay_terminal T-02         # a TLS key, admitted; a connector at $relay/T-02/se.sock, started: $connector_pid
#   relay_connector_start T-02  # again
#   relay COMMAND [WORD...]     # uketsuke-relay with this configuration
#   relay_status EXPRESSION     # of jq, on what `status --json` prints
#   through T-02 COMMAND...     # with P11_KIT_SERVER_ADDRESS of that terminal's connector
relay_client=$(pkg-config --variable=p11_module_path p11-kit-1)/p11-kit-client.so
relay_pid=
declare -A connector_pids=()

relay_begin() {
  relay=$hospital/relay
  mkdir -m 0700 "$relay"
  mv "$hospital/terminal/binding.key" "$relay/"
  rm -f "$hospital/terminal/binding.key.state"
  install -m 0600 "$hospital/pki/se-1/pin" "$relay/se-pin"
  local others='"Uketsuke Patient", "Uketsuke Operator"'
  sed -e "s|binding_key = .*|binding_key = $relay/binding.key;|" \
    -e "s|card_drivers = .*|card_drivers = uketsuke-se;\n\tignored_readers = $others;|" \
    "$top_builddir/pkcs11-jpki/opensc-build.conf" > "$relay/opensc.conf"
  sed -e 's|card_drivers = .*|card_drivers = myna;\n\tignored_readers = "Uketsuke SE";|' \
    -e "s|trust_anchors = .*|trust_anchors = \"$hospital/pki/anchors\";|" \
    "$top_builddir/pkcs11-jpki/opensc-build.conf" > "$UKETSUKE_OPENSC_CONF"
  "$top_builddir/mocks/ca/mock-ca" tls-server "$hospital/pki" relay --host localhost,127.0.0.1 > /dev/null || return 1
  relay_port=$(choose_port)
  relay_configure
  readers_at_exit+=(relay_stop relay_connectors_stop)
}

relay_configure() {
  cat > "$relay/relay.conf" << CONFIGURATION
[relay]
state = $relay/state

[pkcs11]
module = $top_builddir/pkcs11-jpki/.libs/pkcs11-jpki.so

[se]
reader = Uketsuke SE
pin-file = $relay/se-pin

[server]
port = $relay_port
port-file = $relay/port
certificate = $hospital/pki/relay/tls.pem
key = $hospital/pki/relay/tls.key

[trust]
anchors = $hospital/pki/anchors

CONFIGURATION
}

relay() { "$top_builddir/apps/relay/uketsuke-relay" "$@" --config "$relay/relay.conf"; }

relay_start() {
  rm -f "$relay/port"
  UKETSUKE_OPENSC_CONF=$relay/opensc.conf "$top_builddir/apps/relay/uketsuke-relay" serve --config "$relay/relay.conf" \
    >> "$relay/relay.log" 2>&1 &
  relay_pid=$!
  readers_wait 10 relay_is_up && [ -s "$relay/port" ] && return
  echo "the relay did not start:" >&2
  tail -n 20 "$relay/relay.log" >&2
  return 1
}

relay_is_up() { [ -s "$relay/port" ] || ! kill -0 "$relay_pid" 2> /dev/null; }

relay_stop() { # [SIGNAL]
  [ -n "$relay_pid" ] && stop_process "$relay_pid" "${1:-TERM}"
  relay_pid=
}

relay_status() { relay status --json 2> /dev/null | jq -r "$1"; }
relay_is_ready() { [ "$(relay_status .se.state)" = ready ]; }

relay_terminal() { # ID
  mkdir -m 0700 "$relay/$1"
  "$top_builddir/mocks/ca/mock-ca" tls-client "$hospital/pki" "relay-$1" --terminal-id "$1" > /dev/null &&
    relay terminal admit "$1" "$hospital/pki/relay-$1/tls-client.pem" > /dev/null || return 1
  relay_connector_configure "$1" "$hospital/pki/relay-$1"
  relay_connector_start "$1"
}

relay_connector_configure() { # ID FOLDER-OF-TLS-KEY
  cat > "$relay/$1/connect.conf" << CONFIGURATION
[connector]
socket = $relay/$1/se.sock
relays = localhost:${relay_port}
answer-seconds = 5

[tls]
certificate = $2/tls-client.pem
key = $2/tls-client.key

[trust]
anchors = $hospital/pki/anchors
CONFIGURATION
}

relay_connector_start() { # ID
  "$top_builddir/apps/connector/uketsuke-p11-connect" serve --config "$relay/$1/connect.conf" --log-level info \
    >> "$relay/$1/connect.log" 2>&1 &
  connector_pids[$1]=$!
  readers_wait 10 test -S "$relay/$1/se.sock"
}

relay_connectors_stop() {
  local pid
  for pid in "${connector_pids[@]}"; do stop_process "$pid"; done
  connector_pids=()
}

through() { # ID COMMAND...
  local id=$1
  shift
  P11_KIT_SERVER_ADDRESS=unix:path=$relay/$id/se.sock timeout 60 "$@"
}
