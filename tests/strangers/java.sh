# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# Java with its SunPKCS11 provider and our module, for tests/strangers/java-*.test. Source lib.sh first.
#
#   java_begin     # $work/se.cfg, auth.cfg, sign.cfg for -providerarg; the array $java has options for a quick start

java=(-J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC -J-Xshare:auto)

java_begin() {
  local slots
  slots=$(timeout 30 pkcs11-tool --module "$module" -L 2> /dev/null)
  java_provider se "Institution SE"
  java_provider auth "$auth_token"
  java_provider sign "$sign_token"
}

java_provider() { # NAME TOKEN-LABEL
  local slot
  slot=$(awk -v label="$2" '/^Slot/ { slot = $3 } /token label/ && index($0, label) { print slot }' <<< "$slots")
  printf 'name = %s\nlibrary = %s\nslot = %d\n' "$1" "$module" "$(tr -d '():' <<< "$slot")" > "$work/$1.cfg"
}
