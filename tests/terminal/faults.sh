# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# A hospital whose terminal can have bad days (tests/faults/faults.c). Sourced by tests.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/hospital.sh"
. "$top_srcdir/tests/lib/office.sh"

faulty_hospital() {
  hospital_begin || exit 99
  office_copy "$hospital/pki" || tap_bail_out "mock-ca failed"
  hospital_start_readers && hospital_personalise > "$hospital/personalise.log" 2>&1 || tap_bail_out "no readers"
  hospital_start_platform > "$hospital/platform.out" && hospital_start_history || tap_bail_out "no services"
  hospital_card operator operator-reception
  hospital_card patient patient-1
}

# with_fault VARIABLE=VALUE... -- COMMAND...: the terminal program under faults in its state folder.
with_fault() {
  local settings=()
  while [ "$1" != -- ]; do
    settings+=("$1")
    shift
  done
  shift
  env LD_PRELOAD="$top_builddir/tests/faults/.libs/faults.so" FAULT_FOLDER="$hospital/terminal" "${settings[@]}" \
    "$top_builddir/apps/terminal/uketsuke" "$@"
}

# steps_of COMMAND...: runs it once and sets $syncs and $writes, the durable steps and writes it took.
steps_of() {
  with_fault FAULT_COUNT_FILE="$hospital/steps" -- "$@" > "$hospital/steps.out" 2>&1 ||
    { cat "$hospital/steps.out" >&2; return 1; }
  read -r syncs writes < "$hospital/steps"
}

outcome() { # STATUS REASON NAME COMMAND...
  local status=$1 reason=$2 name=$3 got
  shift 3
  "$@" --json > "$hospital/answer.json" 2> "$hospital/answer.err"
  got="$? $(jq -r '.reason // "none"' "$hospital/answer.json")"
  is "$name" "$got" "$status $reason"
}
answer() { jq -r "$1" "$hospital/answer.json"; }
receptions() { sqlite3 "$hospital/terminal/terminal.sqlite" "SELECT count(*) FROM record WHERE kind = 'reception'"; }

# What must hold after whatever happened.
all_is_whole() {
  check "the audit log is whole" uketsuke audit
  rm -rf "$hospital/export"
  check "all evidence is exported" hospital_export "$hospital/export"
  outcome 0 none "all evidence is good, its chain whole" uketsuke evidence verify "$hospital/export" \
    --platform-cvc "$hospital/pki/pf/institution.cvc" --anchors "$hospital/pki/anchors"
  is "from the first piece on" "$(answer .chainBeginsLater)" false
  is "as many pieces as records" "$(answer .verified)" "$(receptions)"
  # A command that was broken off leaves a gap of the SE's counter, which is told and is no alarm.
  is "nobody else is suspected" "$(rows_of se-counter-jumped) $(rows_of se-channel-jumped)" "0 0"
}
rows_of() { # EVENT
  sqlite3 -cmd '.timeout 5000' "$hospital/terminal/terminal.sqlite" "SELECT count(*) FROM audit WHERE event = '$1'"
}

# --- a line that can be bad (tests/faults/fault-proxy.c) --------------------------------------------------------------

line_begin() {
  true_platform=$hospital_platform_port true_history=$hospital_history_port
  proxy_pid=""
  readers_at_exit+=(line_good)
}

# line platform|history OPTION...: the terminal reaches that service through a line with this fault.
line() {
  local to=$1
  shift
  line_good
  rm -f "$hospital/proxy.port"
  [ "$to" = platform ] && to=$true_platform || to=$true_history
  "$top_builddir/tests/faults/fault-proxy" --to "$to" --port-file "$hospital/proxy.port" "$@" > "$hospital/proxy.out" &
  proxy_pid=$!
  readers_wait 5 test -s "$hospital/proxy.port" || tap_bail_out "no proxy"
  if [ "$to" = "$true_platform" ]; then
    hospital_platform_port=$(cat "$hospital/proxy.port")
  else
    hospital_history_port=$(cat "$hospital/proxy.port")
  fi
  hospital_write_terminal_configuration
  hospital_platform_port=$true_platform hospital_history_port=$true_history
}

line_good() {
  [ -n "$proxy_pid" ] && stop_process "$proxy_pid"
  proxy_pid=""
  hospital_write_terminal_configuration
}
