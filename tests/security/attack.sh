# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# What attackers of the services need: another institution's certificate, a message that is long to compute, honest callers
# beside them. Sourced (bash) after tests/services/service.sh; a platform runs.

# attack_institutions COUNT: $strangers/institution-0 ... with certificates of the TLS CA, registered nowhere.
attack_institutions() {
  strangers=$run/strangers
  "$top_builddir/tests/services/make-population" "$pki" "$pki/cards/patient-1" "$strangers" "$1" "$1" > "$run/strangers.out"
}

# attack_admit NUMBER: the platform's administrator admits its terminal after all.
attack_admit() {
  local folder=$strangers/institution-$1
  uketsuke_pf terminal admit "$folder/institution.pem" --terminal "$(cat "$folder/terminal-id")" \
    --se-serial "$(cat "$folder/se-serial")" --tls-certificate "$folder/tls-client.pem" \
    --cvc "$pki/se-1/institution.cvc" > "$run/admit.out"
}

# call_as NUMBER NAME METHOD URL [CURL-OPTION...]: $run/NAME.status, .body, .headers; by institution NUMBER of the
# strangers, or by the registered terminal T-01 when NUMBER is honest. For calls side by side.
call_as() {
  local certificate=$pki/se-1/tls-client.pem name=$2 method=$3 url=$4
  [ "$1" = honest ] || certificate=$strangers/institution-$1/tls-client.pem
  shift 4
  rm -f "$run/$name.status"
  curl --silent --max-time "${call_timeout:-60}" --cacert "$pki/anchors/tls-ca.pem" --cert "$certificate" \
    --key "$pki/se-1/tls-client.key" --request "$method" --header 'Content-Type: application/fhir+json' \
    --output "$run/$name.body" --dump-header "$run/$name.headers" --write-out '%{http_code}' "$@" "$url" > "$run/$name.code"
  mv "$run/$name.code" "$run/$name.status"
}

# attack_monster: the last evidence's statement under a signature that is long to compute; replaces $der.
attack_monster() { # [BITS]
  openssl cms -verify -noverify -nosigs -inform DER -in "$der" -out "$run/statement.json" 2> "$run/openssl.err" &&
    "$top_builddir/tests/security/monstrous-cms" "$run/statement.json" "$der" "${1:-65536}" attached
}

# honest_receptions COUNT: one after the other, each with connections of its own; prints how many were answered.
honest_receptions() {
  local answered=0 n id
  id=$(head -c 16 "$pki/cards/patient-1/card-id")
  for ((n = 0; n < $1; n++)); do
    call_timeout=${reception_timeout:-10} call_as honest reception POST "$platform/institution-authentication" --data-binary \
      "$(jq -nc --arg id "$id" '{cardId: $id, challenge: "0102030405060708090A0B0C0D0E0F10", institutionCode: "1312345678", terminalId: "T-01"}')"
    [ "$(cat "$run/reception.status")" != 201 ] || answered=$((answered + 1))
  done
  echo "$answered"
}
