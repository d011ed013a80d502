# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# The Secure Element of a hospital in another process: p11-kit's server with our module. Sourced (bash) behind
# hospital.sh, when the hospital has its readers and services.
#
#   se_server_begin [USER-ID]        # what belongs to it in $se_server; run by that user, else by the one who runs this
#   se_server_start; se_server_stop  # $se_server_pid; the process of each connection is its child
#   se_server_connect                # the terminal's configuration names it; after whatever writes that again
se_client=$(pkg-config --variable=p11_module_path p11-kit-1)/p11-kit-client.so
se_server_pid=
se_server_as=()

# Binding key, and a configuration that sees the SE's reader only. The build folder may be out of reach for others: the
# parts are installed where this user finds them. The terminal keeps no key of the SE, and leaves that reader alone.
se_server_begin() {
  local user=${1:-$(id -u)}
  se_server=$hospital/se
  [ "$user" = "$(id -u)" ] || se_server_as=(setpriv --reuid "$user" --regid "$user" --clear-groups)
  install -d -m 0711 -o "$user" "$se_server"
  install -m 0600 -o "$user" "$hospital/terminal/binding.key" "$se_server/binding.key"
  rm -f "$hospital/terminal/binding.key" "$hospital/terminal/binding.key.state"
  install -d -m 0755 "$se_server/modules"
  install -m 0755 "$top_builddir"/pkcs11-jpki/.libs/*.so "$top_builddir"/se-driver/.libs/*.so "$se_server/modules/"
  local others='"Uketsuke Patient", "Uketsuke Operator"'
  sed -e "s|binding_key = .*|binding_key = $se_server/binding.key;|" \
    -e "s|$top_builddir/[a-z0-9-]*/\.libs/|$se_server/modules/|" \
    -e "s|card_drivers = .*|card_drivers = uketsuke-se;\n\tignored_readers = $others;|" \
    "$top_builddir/pkcs11-jpki/opensc-build.conf" > "$se_server/opensc.conf"
  sed -e 's|card_drivers = .*|card_drivers = myna;\n\tignored_readers = "Uketsuke SE";|' \
    -e "s|trust_anchors = .*|trust_anchors = \"$hospital/pki/anchors\";|" \
    "$top_builddir/pkcs11-jpki/opensc-build.conf" > "$UKETSUKE_OPENSC_CONF"
  readers_at_exit+=(se_server_stop)
}

se_server_start() { # as uketsuke-se.service does it
  (
    export UKETSUKE_OPENSC_CONF=$se_server/opensc.conf
    exec "${se_server_as[@]}" p11-kit server -f -n "$se_server/socket" \
      --provider "$se_server/modules/pkcs11-jpki.so" pkcs11:
  ) >> "$hospital/server.log" 2>&1 &
  se_server_pid=$!
  local opening
  opening=$(sed -n 's/^ExecStartPost=//p' "$top_srcdir/apps/terminal/uketsuke-se.service.in")
  [ -n "$opening" ] && "${se_server_as[@]}" sh -c "${opening//\/run\/uketsuke-se\/socket/$se_server/socket}" &&
    readers_wait 10 se_server_listens
}

# The socket's file is there a moment before anybody can connect to it: unix(7)'s flag __SO_ACCEPTCON, in proc(5).
se_server_listens() { grep -q " 00010000 .* $se_server/socket\$" /proc/net/unix; }

se_server_connect() {
  sed -i "s|^\[se\]|[se]\nmodule = $se_client\nserver = unix:path=$se_server/socket|" "$UKETSUKE_CONFIG"
}

se_server_processes() { # the server and the process of each connection
  pgrep -P "$se_server_pid"
  echo "$se_server_pid"
}

se_server_stop() { # [SIGNAL]
  local processes process
  [ -n "$se_server_pid" ] || return 0
  processes=$(se_server_processes | grep -v "^$se_server_pid$")
  # shellcheck disable=SC2086 # lists
  # shellcheck disable=SC2046 # a list
  kill -CONT $(se_server_processes) 2> /dev/null
  stop_process "$se_server_pid" "${1:-TERM}"
  # Until they have ended: one that still answers would go in the middle of the next command.
  for process in $processes; do stop_process "$process" "${1:-TERM}"; done
  se_server_pid=
  rm -f "$se_server/socket"
}
