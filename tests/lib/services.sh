# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# What the platform and the history service are told in every test: the sections of their configuration that do not
# depend on where they listen, and the terminal that the office admits. Sourced (bash). Needs: top_builddir.

# services_platform_sections PKI STORE [LINE-OF-PLATFORM-SECTION]: behind a section [server]
services_platform_sections() {
  services_server_key "$1/pf"
  cat << CONFIGURATION

[trust]
anchors = $1/anchors

[platform]
store = $2
institution-key = $1/pf/institution.key
institution-cvc = $1/pf/institution.cvc
answer-certificate = $1/pf/answer.pem
answer-key = $1/pf/answer.key
${3:-}
CONFIGURATION
}

# services_history_sections PKI STORE [LINE-OF-HISTORY-SECTION]: likewise
services_history_sections() {
  services_server_key "$1/history"
  cat << CONFIGURATION

[trust]
anchors = $1/anchors

[history]
store = $2
platform-institution-cvc = $1/pf/institution.cvc
receipt-certificate = $1/history/receipt.pem
receipt-key = $1/history/receipt.key
${3:-}
CONFIGURATION
}

services_server_key() { # FOLDER
  echo "certificate = $1/tls.pem"
  echo "key = $1/tls.key"
}

# services_admit PKI PROGRAM CONFIGURATION [TERMINAL]: the office admits a terminal by its SE's certificate, before the
# service starts; again does no harm.
services_admit() {
  "$2" terminal admit "$1/se-1/institution.pem" --terminal "${4:-T-01}" \
    --se-serial "$(head -c 16 "$1/cards/se-1/card-id")" --tls-certificate "$1/se-1/tls-client.pem" \
    --cvc "$1/se-1/institution.cvc" --config "$3"
}
