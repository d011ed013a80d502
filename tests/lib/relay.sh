# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# A relay with the hospital's Secure Element, and terminals that reach it. Sourced (bash) behind hospital.sh, when the
# hospital has its readers and its SE is personalised.
#
#   relay_begin                 # what belongs to it in $relay; the binding key moves there
#   relay_start [VARIABLE=VALUE...]; relay_stop [SIGNAL]   # $relay_pid, $relay_port
#   relay_serves_services       # before relay_start: the way to the services, too: $relay_https; needs their ports
#   relay_admits                # the services know the relay, R-1, and the terminals behind it ($relay_terminals: T-01 T-02)
#   relay_terminal_configure T-02             # $hospital/T-02.conf: a terminal that reaches SE and services by the relay
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

relay_serves_services() {
  "$top_builddir/mocks/ca/mock-ca" tls-client "$hospital/pki" relay-R-1 --terminal-id R-1 > /dev/null || return 1
  relay_https=$(choose_port)
  cat >> "$relay/relay.conf" << CONFIGURATION
[services]
platform = https://localhost:$hospital_platform_port
history = https://localhost:$hospital_history_port
certificate = $hospital/pki/relay-R-1/tls-client.pem
key = $hospital/pki/relay-R-1/tls-client.key

[https]
port = $relay_https

[keep]
spread-seconds = 0
CONFIGURATION
}

# First the relay with its SE, then the terminals by the same SE and TLS key. While the services do not run.
relay_admits() {
  local id service
  cp "$hospital/pki/relay-R-1/tls-client.pem" "$hospital/pki/se-1/tls-client.pem"
  for id in R-1 ${relay_terminals:-T-01 T-02}; do
    for service in pf/uketsuke-pf:platform history/uketsuke-history:history; do
      services_admit "$hospital/pki" "$top_builddir/mocks/${service%:*}" "$hospital/${service#*:}.conf" "$id" > /dev/null || return 1
      [ "$id" != R-1 ] || "$top_builddir/mocks/${service%:*}" terminal share R-1 --config "$hospital/${service#*:}.conf" > /dev/null || return 1
    done
  done
}

relay_terminal_configure() { # ID
  mkdir -m 0700 "$hospital/$1"
  sed -e "s|^id = .*|id = $1|; s|^state = .*|state = $hospital/$1|; s|^pin-file = .*||" \
    -e "s|^\[se\]|[se]\nmodule = $relay_client\nserver = unix:path=$relay/$1/se.sock\nstore-secret = $hospital/$1/store.secret|" \
    -e "s|https://localhost:$hospital_platform_port|https://localhost:$relay_https/pf|" \
    -e "s|https://localhost:$hospital_history_port|https://localhost:$relay_https/history|" "$UKETSUKE_CONFIG" > "$hospital/$1.conf"
  printf '\n[tls]\ncertificate = %s\nkey = %s\n' "$hospital/pki/relay-$1/tls-client.pem" "$hospital/pki/relay-$1/tls-client.key" \
    >> "$hospital/$1.conf"
}

relay() { "$top_builddir/apps/relay/uketsuke-relay" "$@" --config "$relay/relay.conf"; }

relay_start() { # [VARIABLE=VALUE...]
  rm -f "$relay/port"
  env UKETSUKE_OPENSC_CONF="$relay/opensc.conf" "$@" "$top_builddir/apps/relay/uketsuke-relay" serve --config "$relay/relay.conf" \
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
  readers_wait 10 grep -q " 00010000 .* $relay/$1/se.sock\$" /proc/net/unix # it listens (SO_ACCEPTCON): a socket is there before
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
