# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# What the tests of mock-ca share: one office, certificates as text, CVCs checked by openssl alone.

ca="$top_builddir/mocks/ca/mock-ca"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# No network at all: a network namespace of its own, in which not even the loopback device is up.
without_network() {
  if unshare -rn true 2>/dev/null; then
    timeout 120 unshare -rn "$@"
  else
    timeout 120 unshare -n "$@"
  fi
}

# Certificate as PEM, whatever it is stored as.
pem() {
  openssl x509 -in "$1" 2>/dev/null || openssl x509 -inform DER -in "$1"
}

text() {
  pem "$1" | openssl x509 -noout -text -nameopt RFC2253,-esc_msb
}

# The line after an extension's title: its value. (openssl puts the colon before "critical".)
extension() {
  printf '%s\n' "$1" | sed -n "/^ *$2 *:* *\$/{n;s/^ *//;s/ *\$//;p;q;}"
}

field() {
  pem "$1" | openssl x509 -noout "-$2" -nameopt RFC2253,-esc_msb | sed "s/^[a-zA-Z]*=//"
}

# valid_under CA CERTIFICATE [OPTION...]
valid_under() {
  local authority=$1 certificate=$2
  shift 2
  pem "$certificate" > "$work/to-verify.pem"
  openssl verify -crl_check -CAfile "$office/anchors/$authority.pem" -CRLfile "$office/anchors/$authority.crl" "$@" \
    "$work/to-verify.pem"
}

# cut_bytes FILE OFFSET COUNT
cut_bytes() {
  tail -c "+$(($2 + 1))" "$1" | head -c "$3"
}

hex_of() {
  od -An -v -tx1 | tr -d ' \n'
}

# The public key in a CVC (568 bytes, lib/iso7816/cvc.h) as SubjectPublicKeyInfo.
cvc_public_key() {
  {
    printf 'asn1=SEQUENCE:info\n[info]\nalgorithm=SEQUENCE:algorithm\nkey=BITWRAP,SEQUENCE:key\n'
    printf '[algorithm]\noid=OID:rsaEncryption\nparameters=NULL\n'
    printf '[key]\nmodulus=INTEGER:0x%s\nexponent=INTEGER:0x%s\n' \
      "$(cut_bytes "$1" 51 256 | hex_of)" "$(cut_bytes "$1" 44 3 | hex_of)"
  } > "$work/spki.cnf"
  openssl asn1parse -genconf "$work/spki.cnf" -noout -out "$work/spki.der" &&
    openssl pkey -pubin -inform DER -in "$work/spki.der"
}

# cvc_verifies CERTIFICATE SIGNER: by name and by signature.
cvc_verifies() {
  cut_bytes "$1" 10 297 > "$work/cvc-body"
  cut_bytes "$1" 312 256 > "$work/cvc-signature"
  cvc_public_key "$2" > "$work/cvc-signer.pem"
  [ "$(cut_bytes "$1" 10 16 | hex_of)" = "$(cut_bytes "$2" 26 16 | hex_of)" ] || { echo "CAR is not the signer's CHR"; return 1; }
  openssl dgst -sha256 -verify "$work/cvc-signer.pem" -signature "$work/cvc-signature" "$work/cvc-body"
}
