# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# APDUs through stock opensc-tool. Sourced by tests that have $reader, a reader's name as PC/SC gives it.

# send APDU...: one line per command: status word, then the data as opensc-tool shows it: "9000 70 0A".
send() {
  local arguments=() apdu
  for apdu; do
    arguments+=(-s "$apdu")
  done
  timeout 30 opensc-tool --reader "$reader" -c default "${arguments[@]}" 2>&1 | awk '
    /^Received \(SW1=/ { if (line) print line; gsub(/0x|[,):]/, " "); sub(/.*SW1=/, ""); sub(/SW2=/, ""); line = $1 $2; next }
    line && /^[0-9A-F][0-9A-F] / { for (i = 1; i <= NF && i <= 16 && $i ~ /^[0-9A-F][0-9A-F]$/; i++) line = line " " $i }
    END { if (line) print line }'
}

# answer APDU...: the data of the last one, as it is.
answer() {
  send "$@" | tail -n 1 | cut -d' ' -f2- | tr -d ' ' | xxd -r -p
}

# in_hexadecimal TEXT, and how long it is as an Lc byte.
in_hexadecimal() {
  printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'
}
verify() { # SHORT-ID VALUE: a VERIFY command
  printf '002000%s%02X%s' "$1" ${#2} "$(in_hexadecimal "$2")"
}
