# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# A PostgreSQL server of Debian, private to one folder, on a unix socket and on no other (postgresql_port=PORT before
# postgresql_run: also on that port of 127.0.0.1, without TLS; postgresql_options: more of them). Sourced (bash). root runs it as nobody,
# because the server refuses to be root. Needs: postgresql_folder, a folder that is there already.
#
#   postgresql_start && echo "$postgresql_url"
#   postgresql_stop; postgresql_run           # the same data again
postgresql_programs=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1) # 15 on Debian 12, 17 on 13
postgresql_pid=
postgresql_options=()

postgresql_as_server() {
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; else "$@"; fi
}

postgresql_start() {
  [ -x "$postgresql_programs/postgres" ] || { echo "no $postgresql_programs/postgres; packages lists it" >&2; return 1; }
  postgresql_url="postgresql:///postgres?host=$postgresql_folder/pg&port=${postgresql_port:-5432}&user=uketsuke"
  mkdir -m 700 "$postgresql_folder/pg" || return 1
  if [ "$(id -u)" = 0 ]; then
    chmod a+x "$postgresql_folder"
    chown nobody:nogroup "$postgresql_folder/pg"
  fi
  local data=$postgresql_folder/pg/data
  (cd / && postgresql_as_server "$postgresql_programs/initdb" -D "$data" -U uketsuke --auth=trust --no-sync -E UTF8 \
    --locale=C) > "$postgresql_folder/pg.log" 2>&1 && postgresql_run
}

# Durability is not what the tests of the calls look at; a crash of the machine is not tested.
postgresql_run() {
  local tries=3000
  # shellcheck disable=SC2046 # a list
  (cd / && exec setpriv $([ "$(id -u)" != 0 ] || echo --reuid=nobody --regid=nogroup --clear-groups) \
    "$postgresql_programs/postgres" -D "$postgresql_folder/pg/data" -c "listen_addresses=${postgresql_port:+127.0.0.1}" \
    -c "port=${postgresql_port:-5432}" -c fsync=off \
    -c "unix_socket_directories=$postgresql_folder/pg" "${postgresql_options[@]}") >> "$postgresql_folder/pg.log" 2>&1 &
  postgresql_pid=$!
  until postgresql_as_server "$postgresql_programs/pg_isready" -q -h "$postgresql_folder/pg" -p "${postgresql_port:-5432}" -U uketsuke; do
    tries=$((tries - 1))
    if [ "$tries" = 0 ] || ! kill -0 "$postgresql_pid" 2> /dev/null; then
      sed 's/^/# /' "$postgresql_folder/pg.log"
      return 1
    fi
    sleep 0.02
  done
}

postgresql_stop() { # [SIGNAL]: INT ends at once and in order
  [ -n "$postgresql_pid" ] || return 0
  kill "-${1:-INT}" "$postgresql_pid" 2> /dev/null
  wait "$postgresql_pid" 2> /dev/null
  postgresql_pid=
}
