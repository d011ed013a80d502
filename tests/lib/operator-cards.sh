# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# Operator cards with any certificate: copies of the receptionist's. Sourced (bash) behind hospital.sh, when the hospital
# has its PKI.
#
#   operator_cards_begin
#   craft NAME SUBJECT BEGIN END login|mail     # pki/cards/NAME, PIN 1234
operator_cards_begin() {
  cat > "$hospital/ca.conf" << CONFIGURATION
[ca]
default_ca = operators
[operators]
new_certs_dir = $hospital
database = $hospital/index
serial = $hospital/serial
default_md = sha256
policy = any
unique_subject = no
[any]
serialNumber = optional
organizationIdentifier = optional
commonName = optional
title = optional
[login]
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
[mail]
keyUsage = critical, digitalSignature
extendedKeyUsage = emailProtection
CONFIGURATION
}

craft() { # NAME SUBJECT BEGIN END EXTENSIONS
  local cards=$hospital/pki/cards
  cp -r "$cards/operator-reception" "$cards/$1" && : > "$hospital/index" &&
    echo "7F$(head -c 6 /dev/urandom | xxd -p)" > "$hospital/serial" &&
    openssl req -new -key "$cards/$1/key/auth.pem" -subj "$2" -out "$hospital/one.csr" 2>> "$hospital/openssl.log" &&
    openssl ca -batch -config "$hospital/ca.conf" -extensions "$5" -cert "$hospital/pki/anchors/operator-ca.pem" \
      -keyfile "$hospital/pki/ca/operator-ca.key" -startdate "$3" -enddate "$4" -notext -preserveDN -in "$hospital/one.csr" \
      -out "$hospital/one.pem" 2>> "$hospital/openssl.log" &&
    openssl x509 -in "$hospital/one.pem" -outform DER -out "$cards/$1/ef/000A"
}
