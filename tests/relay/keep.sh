# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# A relay between terminals and services, without an SE: what it passes and keeps needs none. Sourced (bash) behind
# tests/services/service.sh, after service_begin.
#
#   keep_begin                     # T-01 and T-02 with TLS keys of their own, and the relay's, R-1, in the services' registers
#   keep_services                  # starts both, at the same ports each time; keep_stop_platform, keep_stop_history
#   keep_configure [LINE...]       # lines of the section [keep]
#   keep_start [VARIABLE=VALUE...] # $relay: base URL; keep_stop [SIGNAL]
#   as T-01 METHOD PATH [CURL-OPTION...]   # a call of that terminal: sets $status, $body, $headers
#   as_directly METHOD URL [...]   # the same call by the relay's own key, past the relay
#   waiting                        # prints how many requests wait
keep_pid=
relay_status() { "$top_builddir/apps/relay/uketsuke-relay" status --json --config "$run/relay.conf" 2> /dev/null | jq -r "$1"; }

keep_begin() {
  local id
  mkdir -m 0700 "$run/relay"
  for id in R-1 T-01 T-02; do
    "$top_builddir/mocks/ca/mock-ca" tls-client "$pki" "key-$id" --terminal-id "$id" > /dev/null || return 1
  done
  "$top_builddir/mocks/ca/mock-ca" tls-server "$pki" relay --host localhost,127.0.0.1 > /dev/null || return 1
  service_admits=no
  platform_port=$(choose_port)
  history_port=$(choose_port)
  relay_port=$(choose_port)
  service_at_exit=keep_stop
}

# The services know the relay's key under its own name, and by its SE's sharing under each terminal's.
keep_admit() { # PROGRAM CONFIGURATION
  local id
  for id in R-1 T-01 T-02; do
    "$1" terminal admit "$pki/se-1/institution.pem" --terminal "$id" --se-serial "$(serial se-1)" \
      --tls-certificate "$pki/key-R-1/tls-client.pem" --cvc "$pki/se-1/institution.cvc" --config "$2" > "$run/admit.out" || return 1
    [ "$id" != R-1 ] || "$1" terminal share R-1 --config "$2" > /dev/null || return 1
  done
}

keep_services() {
  platform_configuration
  [ -e "$run/platform.sqlite" ] || keep_admit "$top_builddir/mocks/pf/uketsuke-pf" "$run/platform.conf" || return 1
  keep_start_platform || return 1
  [ -e "$run/history.conf" ] || {
    { printf '[server]\nport = %s\nport-file = %s\n' "$history_port" "$run/history.port"
      services_history_sections "$pki" "$run/history.sqlite"; } > "$run/history.conf"
    keep_admit "$top_builddir/mocks/history/uketsuke-history" "$run/history.conf" || return 1
  }
  keep_start_history
}

keep_start_platform() {
  start_program platform "$top_builddir/mocks/pf/uketsuke-pf" || return 1
  platform_pid=$started_pid
  platform=https://localhost:$platform_port
}

keep_start_history() {
  start_program history "$top_builddir/mocks/history/uketsuke-history" || return 1
  history_pid=$started_pid
}

keep_stop_platform() { # [SIGNAL]
  [ -z "$platform_pid" ] || stop_process "$platform_pid" "${1:-TERM}"
  platform_pid=
}

keep_stop_history() {
  [ -z "$history_pid" ] || stop_process "$history_pid" "${1:-TERM}"
  history_pid=
}

keep_configure() { # LINE...
  {
    cat << CONFIGURATION
[relay]
state = $run/relay
metrics = unix:$run/metrics

[pkcs11]
module = $run/no-module.so

[se]
reader = none

[server]
port-file = $run/relay-se.port
certificate = $pki/relay/tls.pem
key = $pki/relay/tls.key

[trust]
anchors = $pki/anchors

[services]
platform = https://localhost:${keep_platform_port:-$platform_port}
history = https://localhost:$history_port
certificate = $pki/key-R-1/tls-client.pem
key = $pki/key-R-1/tls-client.key

[https]
port = $relay_port
port-file = $run/relay-https.port

[keep]
spread-seconds = 0
CONFIGURATION
    printf '%s\n' "$@"
  } > "$run/relay.conf"
}

# The program itself is started with these variables, so that LD_PRELOAD concerns nobody else.
keep_start() { # [VARIABLE=VALUE...]
  local tries=1500
  rm -f "$run/relay-se.port"
  env "$@" "$top_builddir/apps/relay/uketsuke-relay" serve --config "$run/relay.conf" --log-level info \
    >> "$run/relay.log" 2>&1 &
  keep_pid=$!
  until [ -s "$run/relay-se.port" ]; do
    tries=$((tries - 1))
    kill -0 "$keep_pid" 2> /dev/null && [ "$tries" != 0 ] || return 1
    sleep 0.02
  done
  relay=https://localhost:$relay_port
}

keep_stop() { # [SIGNAL]
  [ -z "$keep_pid" ] || stop_process "$keep_pid" "${1:-TERM}" 2> /dev/null
  keep_pid=
}

keep_admit_terminals() {
  local id
  for id in T-01 T-02; do
    "$top_builddir/apps/relay/uketsuke-relay" terminal admit "$id" "$pki/key-$id/tls-client.pem" --config "$run/relay.conf" \
      > /dev/null || return 1
  done
}

as() { # ID METHOD PATH [CURL-OPTION...]
  local key=$pki/key-$1 method=$2 path=$3
  shift 3
  bare_call "$method" "$relay$path" --cert "$key/tls-client.pem" --key "$key/tls-client.key" "$@"
}

as_directly() { # METHOD URL [CURL-OPTION...]
  local method=$1 url=$2
  shift 2
  bare_call "$method" "$url" --cert "$pki/key-R-1/tls-client.pem" --key "$pki/key-R-1/tls-client.key" "$@"
}

in_state() { # STATE [KIND]
  sqlite3 -cmd '.timeout 5000' "$run/relay/keep.sqlite" "SELECT count(*) FROM record WHERE state = '$1' AND kind LIKE '${2:-request-%}'"
}
is_in_state() { [ "$(in_state "$1" "${3:-}")" = "$2" ]; } # STATE COUNT [KIND]
wait_for() { # SECONDS COMMAND...
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.05
  done
}

shown() { curl --silent --max-time 20 --unix-socket "$run/metrics" "http://localhost/$1"; } # metrics, health
metric() { shown metrics | sed -n "s/^uketsuke_relay_$1 //p"; } # NAME[{LABEL}]

# new_batch TERMINAL FILE [NAME=VALUE...]: evidence of that terminal in a batch of one; its id in $evidence_id.
new_batch() {
  local terminal=$1 file=$2
  shift 2
  evidence patient-1 "terminal=$terminal" "$@"
  request > "$run/request.json"
  batch "$run/request.json" > "$file"
}
