# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# A platform and a history service on loopback with certificates of mock-ca, and curl as their client. Sourced (bash)
# after tap.sh. Needs: top_srcdir, top_builddir. Everything ends at exit, by pid.
#
#   service_begin                       # $run: private folder; $pki: what mock-ca wrote
#   platform_start; history_start       # $platform, $history: base URLs
#   call METHOD URL [CURL-OPTION...]    # sets $status, $body (a file), $headers (a file); the terminal's certificate
#   evidence CARD [NAME=VALUE...]       # make-evidence: sets $evidence_id $patient $day $made_at $der
#   request                             # prints the CoverageEligibilityRequest for it
#   visit [CARD [KEY]]                  # prints a visit record for it, with the platform's answer; needs $visit_id
. "$top_srcdir/tests/lib/office.sh"
. "$top_srcdir/tests/lib/process.sh"
. "$top_srcdir/tests/lib/services.sh"

run="" pki="" platform_pid="" history_pid="" platform_store="" history_store="" service_at_exit=""

service_begin() {
  run=$(mktemp -d "${TMPDIR:-/tmp}/uketsuke-services.XXXXXX") || return 1
  pki=$run/pki body=$run/body headers=$run/headers der=$run/evidence.der
  trap service_end EXIT
  trap 'exit 143' INT TERM HUP
  office_copy "$pki" > "$run/mock-ca.log" 2>&1
}

service_end() {
  local status=$?
  trap '' INT TERM HUP
  stop_process "$platform_pid"
  stop_process "$history_pid"
  [ -z "$service_at_exit" ] || "$service_at_exit"
  [ -n "$run" ] && rm -rf "$run"
  trap - EXIT
  exit "$status"
}

# start_program NAME PROGRAM: waits for the port file; sets started_pid.
start_program() {
  local tries=3000
  rm -f "$run/$1.port"
  "$2" serve --config "$run/$1.conf" --log-level "${service_log_level:-info}" > "$run/$1.out" 2>> "$run/$1.log" &
  started_pid=$!
  until [ -s "$run/$1.port" ]; do
    tries=$((tries - 1))
    if [ "$tries" = 0 ] || ! kill -0 "$started_pid" 2> /dev/null; then
      sed 's/^/# /' "$run/$1.log"
      return 1
    fi
    sleep 0.02
  done
}

platform_configuration() { # [LINE-OF-SERVER-SECTION]
  {
    printf '[server]\nport = %s\nport-file = %s\n%s\n' "${platform_port:-0}" "$run/platform.port" "${1:-}"
    services_platform_sections "$pki" "${platform_store:-$run/platform.sqlite}" "link-key = $run/platform.link-key"$'\n'"status-page = unix:$run/platform-page"
    echo "${platform_admission:-}"
  } > "$run/platform.conf"
}

# The first terminal is admitted before a service starts.
service_admit() { # PROGRAM CONFIGURATION
  [ "${service_admits:-yes}" = no ] || services_admit "$pki" "$1" "$2" > "$run/admit.out"
}

platform_start() { # [LINE-OF-SERVER-SECTION]
  platform_configuration "${1:-}"
  service_admit "$top_builddir/mocks/pf/uketsuke-pf" "$run/platform.conf" || return 1
  start_program platform "$top_builddir/mocks/pf/uketsuke-pf" || return 1
  platform_pid=$started_pid
  platform=https://localhost:$(cat "$run/platform.port")
}

uketsuke_pf() { # COMMAND [ARGUMENT...]
  local command=$1
  shift
  "$top_builddir/mocks/pf/uketsuke-pf" "$command" --config "$run/platform.conf" "$@"
}

# service_admit_population FOLDER: the terminals of what make-population wrote.
service_admit_population() {
  local folder
  for folder in "$1"/institution-*; do
    uketsuke_pf terminal admit "$folder/institution.pem" --terminal "$(cat "$folder/terminal-id")" \
      --se-serial "$(cat "$folder/se-serial")" --tls-certificate "$folder/tls-client.pem" --cvc "$pki/se-1/institution.cvc" > "$run/admit.out" || return 1
  done
}

history_start() { # [LINE-OF-SERVER-SECTION]
  {
    printf '[server]\nport = 0\nport-file = %s\n%s\n' "$run/history.port" "${1:-}"
    services_history_sections "$pki" "${history_store:-$run/history.sqlite}" "status-page = unix:$run/status-page"
    echo "${history_admission:-}"
  } > "$run/history.conf"
  service_admit "$top_builddir/mocks/history/uketsuke-history" "$run/history.conf" || return 1
  start_program history "$top_builddir/mocks/history/uketsuke-history" || return 1
  history_pid=$started_pid
  history=https://localhost:$(cat "$run/history.port")
}

uketsuke_history() { # COMMAND [ARGUMENT...]
  local command=$1
  shift
  "$top_builddir/mocks/history/uketsuke-history" "$command" --config "$run/history.conf" "$@"
}

bare_call() { # METHOD URL [CURL-OPTION...]: without a client certificate
  local method=$1 url=$2
  shift 2
  : > "$body"
  : > "$headers"
  status=$(curl --silent --show-error --max-time 60 --cacert "$pki/anchors/tls-ca.pem" --request "$method" --output "$body" \
    --dump-header "$headers" --write-out '%{http_code}' --header 'Content-Type: application/fhir+json' "$@" "$url" \
    2> "$run/curl.err")
  curl_result=$?
}

call() {
  local method=$1 url=$2
  shift 2
  bare_call "$method" "$url" --cert "$pki/se-1/tls-client.pem" --key "$pki/se-1/tls-client.key" "$@"
}

explained() { # NAME STATUS ISSUE-CODE: the last answer is that OperationOutcome, with words
  is "$1: status" "$status" "$2"
  is "$1: outcome" "$(jq -r '[.resourceType, .issue[0].severity, .issue[0].code, (.issue[0].details.text | length > 10)] |
    join(" ")' "$body" 2> /dev/null)" "OperationOutcome error $3 true"
}

# The signature in Uketsuke-Signature over the body, checked with stock openssl; prints the signer's CN.
signature_signer() {
  sed -n 's/^[Uu]ketsuke-[Ss]ignature: *//p' "$headers" | tr -d '\r\n' | base64 -d > "$run/signature.der" &&
    openssl cms -verify -inform DER -in "$run/signature.der" -content "$body" -binary -CAfile "$pki/anchors/institution-ca.pem" \
      -signer "$run/signer.pem" -out /dev/null 2> "$run/openssl.err" &&
    openssl x509 -in "$run/signer.pem" -noout -subject | sed 's/.*CN *= *//'
}

# The same for an answer about a person, and for a batch: what is signed of them names no person.
answer_signer() { signer_over --answer; }
batch_signer() { signer_over; }
signer_over() { # [OPTION]
  local answer=$body
  "$top_srcdir/tests/services/batch-root.py" "$@" "$answer" > "$run/signed.json" 2> "$run/signed.err" || return 1
  body=$run/signed.json
  signature_signer
  body=$answer
}

evidence() { # CARD [NAME=VALUE...]
  local card=$pki/cards/$1
  [ -d "$card" ] || card=$pki/extra/cards/$1
  shift
  read -r evidence_id patient_day < <("$top_builddir/tests/services/make-evidence" "$pki" "$card" "$der" "$@")
  made_at=${patient_day##* } patient_day=${patient_day% *}
  day=${patient_day##* } patient=${patient_day% *}
}

# The certificate holder (CHR) that the last evidence names.
holder_reference() {
  openssl cms -verify -noverify -inform DER -in "$der" 2> "$run/openssl.err" | jq -r .certificateHolderReference
}

# call_as SE METHOD URL [CURL-OPTION...]: with that SE's TLS certificate.
call_as() {
  local se=$1
  shift
  call "$@" --cert "$pki/$se/tls-client.pem" --key "$pki/$se/tls-client.key"
}

request() {
  jq -nc --arg id "$evidence_id" --arg patient "$patient" --arg day "$day" --arg institution "${institution:-1312345678}" \
    --arg evidence "$(base64 -w0 "$der")" --arg now "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
    '{resourceType: "CoverageEligibilityRequest", status: "active", purpose: ["validation"],
      identifier: [{system: "urn:uketsuke:evidence-id", value: $id}],
      patient: {identifier: {system: "urn:uketsuke:jpki-auth-serial", value: $patient}},
      servicedDate: $day, created: $now,
      provider: {identifier: {system: "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no",
        value: $institution}},
      insurer: {display: "PF"}, extension: [{url: "urn:uketsuke:evidence", valueBase64Binary: $evidence}]}'
}

batch() { # REQUEST-FILE...
  jq -sc '{resourceType: "Bundle", type: "batch", entry: [.[] | {resource: ., request: {method: "POST", url: "CoverageEligibilityRequest/$submit"}}]}' "$@"
}

# Opens a session with the platform for a card and makes online evidence in it.
online_evidence() { # CARD [NAME=VALUE...]
  local card=$1 id
  shift
  id=$(head -c 16 "$pki/cards/$card/card-id") challenge=$(openssl rand -hex 16 | tr a-f A-F)
  call POST "$platform/institution-authentication" --data-binary \
    "$(jq -nc --arg id "$id" --arg challenge "$challenge" '{cardId: $id, challenge: $challenge, institutionCode: "1312345678", terminalId: "T-01"}')"
  cp "$body" "$run/session.json"
  evidence "$card" "$@" mode=online "challenge=$challenge" "session=$(jq -r .session "$body")" \
    "nonce=$(jq -r .nonce "$body")" "holder=$(jq -r .certificateHolderReference "$body")" \
    "signature=$(jq -r .signature "$body")"
}

# visit [CARD-NAME [KEY]]: a record for the last evidence, signed by that operator's key; prints the Bundle.
visit() {
  local card=$pki/cards/${1:-operator-doctor} key=${2:-sign} certificate=0001
  [ -d "$card" ] || card=$pki/extra/cards/$1
  [ "$key" = auth ] && certificate=000A
  openssl x509 -inform DER -in "$card/ef/$certificate" -out "$run/doctor.pem"
  jq -ncS --arg visit "$visit_id" --arg evidence "$evidence_id" --arg operator "${operator:-D-0001}" \
    --arg institution "${institution:-1312345678}" --arg department "${department:-内科}" \
    --arg link "${link_id:-$default_link}" --arg start "${visit_start:-$made_at}" --arg until "${visit_end:-$(date -u +%FT%TZ)}" '
    {resourceType: "Encounter", identifier: [{system: "urn:uketsuke:visit-id", value: $visit}], status: "finished",
     class: {system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "AMB"},
     subject: {identifier: {system: "urn:uketsuke:link-id", value: $link}},
     period: {start: $start, end: $until},
     serviceProvider: {identifier: {system: "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no",
       value: $institution}},
     participant: [{individual: {identifier: {system: "urn:uketsuke:operator-id", value: $operator}, display: "診察　正"}}],
     serviceType: {text: $department}, extension: [{url: "urn:uketsuke:evidence-id", valueString: $evidence}]}' |
    tr -d '\n' > "$run/encounter.json"
  if [ -n "${doctor_signs_at:-}" ]; then
    "$top_builddir/tests/security/sign-at" "$run/doctor.pem" "$card/key/$key.pem" "$doctor_signs_at" \
      "$run/encounter.json" "$run/doctor.der"
  else
    openssl cms -sign -cades -binary -nodetach -md sha256 -signer "$run/doctor.pem" -inkey "$card/key/$key.pem" \
      -in "$run/encounter.json" -outform DER -out "$run/doctor.der"
  fi
  [ -n "${proof:-}" ] && cp "$proof" "$run/proof.json" || platform_proof > "$run/proof.json"
  bundle
}

default_link=0123456789ABCDEF0123456789ABCDEF
# platform_proof: the platform's answer to the last evidence, signed with the platform's key ($answer_signer: a folder
# with answer.pem and answer.key), as it stands alone.
platform_proof() {
  local signer=${answer_signer:-$pki/pf}
  jq -ncSj --arg id "${answer_evidence:-$evidence_id}" --arg patient "${answer_patient:-$patient}" \
    --arg day "${answer_day:-$day}" --arg now "$(date -u +%FT%TZ)" --arg link "${answer_link-$default_link}" \
    --arg digests "$(openssl rand -hex 256 | tr -d '\n' | tr a-f A-F | sed 's/.\{64\}/& /g; s/ $//')" '
    {resourceType: "CoverageEligibilityResponse", status: "active", purpose: ["validation"], outcome: "complete",
     patient: {identifier: {system: "urn:uketsuke:jpki-auth-serial", value: $patient}}, servicedDate: $day, created: $now,
     meta: {profile: ["urn:uketsuke:signed-answer-2"]}, insurer: {display: "PF"}, identifier: [{system: "urn:uketsuke:evidence-id", value: $id}],
     request: {identifier: {system: "urn:uketsuke:evidence-id", value: $id}}, extension: [
       {url: "urn:uketsuke:answer-digests", valueString: $digests},
       {url: "urn:uketsuke:link-id", valueString: $link}]}' > "$run/answer.json"
  openssl cms -sign -cades -binary -md sha256 -signer "$signer/answer.pem" -inkey "$signer/answer.key" \
    -in "$run/answer.json" -outform DER -out "$run/answer.der"
  jq -nc --slurpfile answer "$run/answer.json" --arg signature "$(base64 -w0 "$run/answer.der")" \
    '{answer: $answer[0], signature: $signature}'
}

bundle() {
  jq -nc --slurpfile encounter "$run/encounter.json" --arg visit "$visit_id" --arg signature "$(base64 -w0 "$run/doctor.der")" \
    --arg evidence "$(base64 -w0 "$der")" --arg operator "${operator:-D-0001}" --arg proof "$(base64 -w0 "$run/proof.json")" '
    ("urn:uuid:" + $visit) as $url |
    {resourceType: "Bundle", type: "transaction", entry: [
      {fullUrl: $url, resource: $encounter[0],
       request: {method: "POST", url: "Encounter", ifNoneExist: ("identifier=urn:uketsuke:visit-id|" + $visit)}},
      {resource: {resourceType: "Provenance", target: [{reference: $url}], recorded: "2026-11-24T00:20:00Z",
        agent: [{who: {identifier: {system: "urn:uketsuke:operator-id", value: $operator}}}],
        signature: [{type: [{system: "urn:iso-astm:E1762-95:2013", code: "1.2.840.10065.1.12.1.1"}],
          when: "2026-11-24T00:20:00Z", who: {identifier: {system: "urn:uketsuke:operator-id", value: $operator}},
          sigFormat: "application/pkcs7-mime", data: $signature}]}, request: {method: "POST", url: "Provenance"}},
      {resource: {resourceType: "Binary", contentType: "application/pkcs7-mime", data: $evidence},
       request: {method: "POST", url: "Binary"}},
      {resource: {resourceType: "Binary", contentType: "application/json", data: $proof},
       request: {method: "POST", url: "Binary"}}]}'
}

# A card's serial number: of one of the office's SEs.
serial() { head -c 16 "$pki/cards/$1/card-id"; }
# registration SE TERMINAL: what a terminal with that SE sends to be registered.
registration() {
  jq -n --arg at "$(date -u +%Y-%m-%dT%H:%M:%SZ)" --arg serial "$(serial "$1")" --arg terminal "$2" --arg holder "$(holder_reference)" \
    '{at: $at, institutionCode: "1312345678", terminalId: $terminal, seSerial: $serial, certificateHolderReference: $holder,
      passed: true, checks: []}' > "$run/report.json"
  openssl cms -sign -binary -cades -md sha256 -in "$run/report.json" -signer "$pki/$1/institution.pem" -inkey "$pki/$1/institution.key" \
    -outform DER -out "$run/report.p7s" 2> "$run/openssl.err"
  jq -nc --arg report "$(base64 -w0 "$run/report.json")" --arg signature "$(base64 -w0 "$run/report.p7s")" \
    '{report: $report, signature: $signature}'
}

# SQL that makes the platform's people what they were before data sets had generations.
platform_people_of_before() {
  local table columns
  while read -r table columns; do
    echo "CREATE TABLE before_$table AS SELECT $columns FROM $table
        WHERE generation = (SELECT value FROM kept_value WHERE name = 'platform people');
      DROP TABLE $table; ALTER TABLE before_$table RENAME TO $table;"
  done << 'TABLES'
person id, link_seed, name, kana, birth_date, sex
certificate issuer, serial, person_id
coverage person_id, position, insurer_number, insurer_name, symbol, number, branch, family, valid_from, valid_to, burden_permille, limit_category, elderly
TABLES
  echo "CREATE TABLE session (id TEXT PRIMARY KEY, expires BIGINT NOT NULL);
    DROP TABLE generation; DELETE FROM kept_value WHERE name = 'platform people';"
}
