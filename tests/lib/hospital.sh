# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# One small hospital with its outside world, private to one folder: PKI, pcscd with three readers, softcard, a
# personalised SE, the eligibility platform, the history service, the terminal's configuration. Sourced by the
# demonstration and by end-to-end tests (bash). Needs: top_srcdir, top_builddir. Everything ends at exit, by pid.
#
#   . "$top_srcdir/tests/lib/hospital.sh"
#   hospital_begin                          # $hospital: the folder; the exit trap of pcscd.sh cleans up
#   hospital_issue                          # mock-ca: $hospital/pki, without what only tests need (office_copy has that)
#   hospital_start_readers                  # pcscd and softcard; the SE is in its reader, the others are empty
#   hospital_personalise                    # keys into the SE through the issuer's channel; binds it to the terminal
#   hospital_start_platform; hospital_start_history
#   hospital_card patient patient-1         # puts a card on a reader (patient, operator, se); hospital_no_card takes it away
#   hospital_open_desk; hospital_close_desk # the daemon of the terminal (uketsuke serve); hospital_desk_start=card: cards
#                                           # that are laid down are received
#   hospital_enroll T-02                    # another terminal from nothing, its keys made on its own SE; in $hospital/T-02
#                                           # a card may be received again at once, unless hospital_same_card_minutes is set
#   uketsuke COMMAND [ARGUMENT...]          # the terminal program with this hospital's configuration
#   uketsuke_with_pin PIN COMMAND [...]     # the same, the PIN through a pipe
. "$top_srcdir/tests/lib/pcscd.sh"
. "$top_srcdir/tests/lib/services.sh"

hospital_platform_pid=
hospital_history_pid=
hospital_desk_pid=

hospital_begin() {
  readers_begin || return 1
  hospital=$readers_run
  hospital_state=$hospital/terminal # where the terminal at hand has its records
  readers_at_exit+=(hospital_stop_platform hospital_stop_history hospital_close_desk)
  mkdir -m 0700 "$hospital/platform" "$hospital/history" "$hospital/terminal"
  # The terminal's OpenSC configuration names the key that binds the SE to it, and the CAs of cards.
  export UKETSUKE_OPENSC_CONF=$hospital/opensc.conf
  sed -e "s|binding_key = .*|binding_key = $hospital/terminal/binding.key;|" \
    -e "s|trust_anchors = .*|trust_anchors = \"$hospital/pki/anchors\";|" "$top_builddir/pkcs11-jpki/opensc-build.conf" \
    > "$UKETSUKE_OPENSC_CONF" || return 1
  export UKETSUKE_LOCALEDIR=$top_builddir/apps/terminal/locale
  export UKETSUKE_CONFIG=$hospital/uketsuke.conf
}

hospital_issue() {
  "$top_builddir/mocks/ca/mock-ca" issue-trial "$hospital/pki"
}

hospital_start_readers() {
  pcscd_start "Uketsuke Patient" "Uketsuke Operator" "Uketsuke SE" &&
    softcard_start "Uketsuke SE=$hospital/pki/cards/se-1"
}

hospital_personalise() {
  UKETSUKE_SE_TOOL=$top_builddir/se-driver/uketsuke-se-tool UKETSUKE_MODULE=$top_builddir/pkcs11-jpki/.libs/pkcs11-jpki.so \
    "$top_srcdir/mocks/ca/personalise-se" --bind "$hospital/terminal/binding.key" "$hospital/pki/se-1" "Uketsuke SE" "$hospital/pki/ceremony.txt"
}

# hospital_reader WORD: the reader's name.
hospital_reader() {
  case $1 in
    patient) echo "Uketsuke Patient" ;;
    operator) echo "Uketsuke Operator" ;;
    se) echo "Uketsuke SE" ;;
  esac
}

hospital_card() { # patient|operator|se IMAGE-NAME (below pki/cards or pki/extra/cards)
  local image=$hospital/pki/cards/$2
  [ -d "$image" ] || image=$hospital/pki/extra/cards/$2
  softcard_do swap "$(hospital_reader "$1")" "$image"
}

hospital_no_card() { # patient|operator|se
  softcard_do remove "$(hospital_reader "$1")"
}

pin_of() { # IMAGE-NAME auth|sign
  cat "$hospital/pki/cards/$1/pin/$2"
}

# Two cards operator-administrator-1 and -2, PIN 1234: A-0001 and A-0002.
hospital_administrators() {
  local number
  for number in 1 2; do
    "$top_builddir/mocks/ca/mock-ca" operator "$hospital/pki" "operator-administrator-$number" --operator-id "A-000$number" \
      --role administrator --department 情報 --name "管理 $number" > /dev/null || return 1
  done
}

# Two administrators accept the SE that is in its reader. The operator reader is empty afterwards.
hospital_accept_se() { # [abandon]
  local number
  for number in 1 2; do
    hospital_card operator "operator-administrator-$number" && uketsuke_with_pin 1234 se replace "$@" || return 1
  done
  hospital_no_card operator
}

# hospital_limit NAME=VALUE: what two administrators decide. The operator reader is empty afterwards.
hospital_limit() {
  hospital_card operator operator-administrator-1 && uketsuke_with_pin 1234 limits propose "$1" &&
    hospital_card operator operator-administrator-2 && uketsuke_with_pin 1234 limits confirm &&
    hospital_no_card operator
}

# hospital_export FOLDER [OPTION...]: all evidence, which is not a receptionist's to export: as the doctor. The
# receptionist is logged in afterwards.
hospital_export() {
  local status
  hospital_card operator operator-doctor && uketsuke_with_pin 1234 login > /dev/null &&
    uketsuke evidence export --output "$@"
  status=$?
  hospital_card operator operator-reception && uketsuke_with_pin 1234 login > /dev/null && return $status
}

# --- services ---------------------------------------------------------------------------------------------------------

# hospital_serve NAME PROGRAM CONFIGURATION: starts a service, waits for its port file, sets hospital_pid.
hospital_serve() {
  rm -f "$hospital/$1/port"
  "$2" serve --config "$3" >> "${logs:-$hospital}/$1.log" 2>&1 &
  hospital_pid=$!
  if ! readers_wait 10 hospital_serves "$1"; then
    echo "$1 did not become ready:" >&2
    tail -n 20 "${logs:-$hospital}/$1.log" >&2
    return 1
  fi
  [ -s "$hospital/$1/port" ] || { echo "$1 ended at once:" >&2; tail -n 20 "${logs:-$hospital}/$1.log" >&2; return 1; }
}

hospital_serves() {
  [ -s "$hospital/$1/port" ] || ! kill -0 "$hospital_pid" 2> /dev/null
}

# $hospital_platform_line: one line more for its section [platform].
hospital_write_platform_configuration() { # PORT
  {
    printf '[server]\naddress = 127.0.0.1\nport = %s\nport-file = %s\n' "$1" "$hospital/platform/port"
    services_platform_sections "$hospital/pki" "$hospital/platform/platform.sqlite" "${hospital_platform_line:-}"
  } > "$hospital/platform.conf"
}

# The first start takes a free port; later starts take the same one, so that the terminal finds the platform again.
hospital_start_platform() {
  hospital_write_platform_configuration "${hospital_platform_port:-$(choose_port)}"
  if [ -z "${hospital_platform_port:-}" ]; then
    hospital_load_persons "$hospital/pki/persons.json" &&
      hospital_admit "$top_builddir/mocks/pf/uketsuke-pf" "$hospital/platform.conf" || return 1
  fi
  hospital_serve platform "$top_builddir/mocks/pf/uketsuke-pf" "$hospital/platform.conf" || return 1
  hospital_platform_pid=$hospital_pid
  hospital_platform_port=$(cat "$hospital/platform/port")
  hospital_write_terminal_configuration
}

# The office admits the first terminal by the certificate of its SE; further terminals register themselves.
hospital_admit() { # PROGRAM CONFIGURATION
  [ "${hospital_admits:-yes}" = no ] && return
  services_admit "$hospital/pki" "$1" "$2" > "$hospital/admit.out"
}

hospital_load_persons() { # FILE
  "$top_builddir/mocks/pf/uketsuke-pf" load --config "$hospital/platform.conf" "$1"
}

# In the meantime one patient has changed employer: patient-1 has another insurer from this month on.
hospital_change_coverage() {
  hospital_load_persons "$hospital/pki/persons-after.json"
}

hospital_stop_platform() {
  [ -n "$hospital_platform_pid" ] && stop_process "$hospital_platform_pid"
  hospital_platform_pid=
}

# $hospital_history_line: one line more for its section [history].
hospital_start_history() {
  {
    printf '[server]\naddress = 127.0.0.1\nport = %s\nport-file = %s\n' "${hospital_history_port:-$(choose_port)}" \
      "$hospital/history/port"
    services_history_sections "$hospital/pki" "$hospital/history/history.sqlite" "${hospital_history_line:-}"
  } > "$hospital/history.conf"
  [ -n "${hospital_history_port:-}" ] || hospital_admit "$top_builddir/mocks/history/uketsuke-history" "$hospital/history.conf" ||
    return 1
  hospital_serve history "$top_builddir/mocks/history/uketsuke-history" "$hospital/history.conf" || return 1
  hospital_history_pid=$hospital_pid
  hospital_history_port=$(cat "$hospital/history/port")
  hospital_write_terminal_configuration
}

# The registered terminals, as the services' administrators see them.
hospital_platform_terminals() { # [OPTION ...]
  "$top_builddir/mocks/pf/uketsuke-pf" terminals --config "$hospital/platform.conf" "$@"
}

hospital_history_terminals() { # [OPTION ...]
  "$top_builddir/mocks/history/uketsuke-history" terminals --config "$hospital/history.conf" "$@"
}

# What the history service shows on the server itself.
hospital_history_status() { # [OPTION ...]
  "$top_builddir/mocks/history/uketsuke-history" status --config "$hospital/history.conf" "$@"
}

hospital_stop_history() {
  [ -n "$hospital_history_pid" ] && stop_process "$hospital_history_pid"
  hospital_history_pid=
}

# --- the terminal -----------------------------------------------------------------------------------------------------

hospital_write_terminal_configuration() {
  [ -e "$hospital/terminal/se-pin" ] || install -m 0600 "$hospital/pki/se-1/pin" "$hospital/terminal/se-pin"
  cat > "$hospital/uketsuke.conf" <<CONFIGURATION
[terminal]
id = T-01
institution-code = 1312345678
state = $hospital/terminal

[pkcs11]
module = $top_builddir/pkcs11-jpki/.libs/pkcs11-jpki.so

[readers]
patient = Uketsuke Patient
operator = Uketsuke Operator
se = Uketsuke SE

[se]
pin-file = $hospital/terminal/se-pin

[desk]
same-card-minutes = ${hospital_same_card_minutes:-0}
${hospital_desk_start:+start = $hospital_desk_start}

[platform]
url = https://localhost:${hospital_platform_port:-1}
cvc-chain = $hospital/pki/pf/institution.cvc

[history]
url = https://localhost:${hospital_history_port:-1}

[trust]
anchors = $hospital/pki/anchors
CONFIGURATION
}

# The daemon; its log is desk.log.
hospital_open_desk() {
  "$top_builddir/apps/terminal/uketsuke" serve >> "${logs:-$hospital}/desk.log" 2>&1 &
  hospital_desk_pid=$!
  readers_wait 10 hospital_desk_is_open && kill -0 "$hospital_desk_pid" 2> /dev/null && return
  echo "the desk did not open:" >&2
  tail -n 20 "${logs:-$hospital}/desk.log" >&2
  return 1
}

hospital_desk_is_open() {
  [ -S "$hospital_state/uketsuke.sock" ] || ! kill -0 "$hospital_desk_pid" 2> /dev/null
}

hospital_close_desk() {
  [ -n "$hospital_desk_pid" ] && stop_process "$hospital_desk_pid"
  hospital_desk_pid=
}

uketsuke() {
  "$top_builddir/apps/terminal/uketsuke" "$@"
}

uketsuke_with_pin() { # PIN COMMAND [ARGUMENT...]
  local pin=$1
  shift
  uketsuke "$@" --pin-fd 9 9< <(printf '%s' "$pin")
}

# A visit is confirmed as a doctor does who has read the list: by the name, else the hospital number, else the reception's
# number.
uketsuke_with_sign_pin() { # PIN COMMAND [ARGUMENT...]
  local pin=$1
  shift
  if [ "$1" = visit ] && [[ " $* " = *" --evidence "* ]] && [[ " $* " != *" --patient "* ]]; then
    set -- "$@" --patient "$(hospital_patient_of "$(sed 's/.* --evidence \([^ ]*\).*/\1/' <<< " $* ")")"
  fi
  uketsuke "$@" --sign-pin-fd 9 9< <(printf '%s' "$pin")
}

hospital_patient_of() { # EVIDENCE-ID
  uketsuke today show "$1" --json | jq -r '.name // .kana // .hospitalNumber // .receptionNumber // "nobody"'
}

# --- another terminal -------------------------------------------------------------------------------------------------

hospital_blank_se() { # NAME: an SE as it leaves the factory, in pki/cards
  local image=$hospital/pki/cards/$1
  mkdir -m 0700 "$image" && cp "$hospital/pki/cards/se-1/personality" "$hospital/pki/cards/se-1/atr" "$image/" &&
    printf '53%014d' "$(od -An -N6 -tu8 /dev/urandom | tr -d ' ')" | head -c 16 > "$image/card-id"
}

# hospital_enroll TERMINAL-ID: keys on a blank SE, requests, the CA's answer, pairing, self-test, registration. Services
# must be up. The SE stays in its reader. A subshell: the terminal at hand keeps its configuration.
hospital_enroll() (
  id=$1
  there=$hospital/$id
  se_tool() { "$top_builddir/se-driver/uketsuke-se-tool" "$@" --reader "Uketsuke SE"; }
  mkdir -m 0700 "$there" "$there/state" && hospital_blank_se "$id" && hospital_card se "$id" || exit 1
  sed "s|^id = .*|id = $id|; s|^state = .*|state = $there/state|; s|^pin-file = .*|pin-file = $there/se-pin|" \
    "$hospital/uketsuke.conf" > "$there/uketsuke.conf"
  export UKETSUKE_CONFIG=$there/uketsuke.conf UKETSUKE_OPENSC_CONF=$top_builddir/pkcs11-jpki/opensc-build.conf
  uketsuke_with_pin "Officer-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')" enroll begin --output "$there/requests" &&
    "$top_builddir/mocks/ca/mock-ca" certify "$hospital/pki" "$id" --request "$there/requests" --terminal-id "$id" &&
    { uketsuke enroll finish "$hospital/pki/$id" --output "$there/report" > "$there/finish.log" 2>&1
      grep -q "uketsuke-se-tool pair" "$there/finish.log"; } && # an SE that is not paired yet does not pass
    se_tool pair --factory-key --binding-key "$there/binding.key" &&
    se_tool rotate --factory-key --new-issuer-key "$hospital/pki/$id/issuer.key" &&
    se_tool operational --issuer-key "$hospital/pki/$id/issuer.key" || exit 1
  sed "s|binding_key = .*|binding_key = $there/binding.key;|" "$UKETSUKE_OPENSC_CONF" > "$there/opensc.conf"
  export UKETSUKE_OPENSC_CONF=$there/opensc.conf
  uketsuke enroll finish --output "$there/report"
)
