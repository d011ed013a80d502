# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# A personalised SE in a private reader, for tests. Source tap.sh, pcscd.sh and office.sh first.
#
#   se_begin              # $pki, $image, $se (what the office made), $SE_PIN; softcard's trace in $trace
#   se_personalise        # by stock pkcs15-init; the office's copy of the keys stays, to compare with
se_reader="Uketsuke SE"

se_begin() {
  readers_begin && se_take_from_office || return 1
  pcscd_start "$se_reader" && softcard_start "$se_reader=$image"
}

# The folders and the PIN alone, for who starts readers of his own.
se_take_from_office() {
  office_copy "$readers_run/pki" || return 1
  pki=$readers_run/pki image=$pki/cards/se-1 se=$pki/se-1 trace=$readers_run/softcard.trace
  SE_PIN=$(< "$se/pin")
  export SE_PIN
  softcard_options="--log $trace --log-level debug"
}

se_personalise() {
  PERSONALISE_KEEP_KEYS=1 timeout 100 "$top_srcdir/mocks/ca/personalise-se" "$se" "$se_reader" "$pki/ceremony.txt"
}

# public_key NAME: of the certificate, as PEM
public_key() {
  openssl x509 -in "$se/$1.pem" -noout -pubkey
}

# uketsuke-se-tool
se_tool() {
  timeout 30 "$top_builddir/se-driver/uketsuke-se-tool" "$@"
}

# The token's label: OpenSC before 0.26 adds the name of the PIN, "Institution SE (User PIN)".
se_token_label() {
  timeout 30 pkcs11-tool --module "$top_builddir/pkcs11-jpki/.libs/pkcs11-jpki.so" -L 2> /dev/null |
    sed -n 's/^ *token label *: \(Institution SE.*\)/\1/p'
}

# After se_personalise: $binding and $issuer are the key files, and the configuration names the binding key.
se_bind() {
  binding=$readers_run/binding.key issuer=$readers_run/issuer.key
  se_tool pair --factory-key --binding-key "$binding" && se_tool rotate --factory-key --new-issuer-key "$issuer" &&
    se_tool operational --issuer-key "$issuer" && se_configure "$binding"
}

# se_configure KEY-FILE [OPENSC-DEBUG-LINE]: $UKETSUKE_OPENSC_CONF of its own
se_configure() {
  sed -e "s|binding_key = .*|binding_key = $1;|" -e "s|debug = 0;|${2:-debug = 0;}|" \
    "$top_builddir/pkcs11-jpki/opensc-build.conf" > "$readers_run/opensc.conf"
  export UKETSUKE_OPENSC_CONF=$readers_run/opensc.conf
}
