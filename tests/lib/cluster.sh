# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# Several machines, as processes with ports of loopback: PostgreSQL servers that follow each other over a wire that can be
# cut, PgBouncer, HAProxy. Sourced (bash) after service.sh and postgresql.sh, whose server is the first one. Everything
# ends with cluster_end, by pid.
#
#   server_start NAME DATA PORT           # a PostgreSQL server; server_pid[NAME]
#   standby_start NAME PRIMARY-PORT PORT  # follows it over the wire; synchronous: COMMIT waits for it
#   wire_cut; wire_heal                   # nothing passes between them; it passes again
#   promote NAME                          # the standby writes from now on
declare -A server_pid server_port
cluster_pids=() wire_pid=""

cluster_end() {
  local name pid
  for pid in "${cluster_pids[@]}"; do stop_process "$pid"; done
  for name in "${!server_pid[@]}"; do stop_process "${server_pid[$name]}" QUIT; done
  stop_process "$wire_pid"
}

as_server() { # COMMAND...: the server's own user, in a folder that it may read
  local other=()
  [ "$(id -u)" != 0 ] || other=(--reuid=nobody --regid=nogroup --clear-groups)
  (cd / && exec setpriv "${other[@]}" "$@")
}

sql_at() { # PORT STATEMENT
  as_server "$postgresql_programs/psql" -XAtq "postgresql://uketsuke@127.0.0.1:$1/postgres?sslmode=disable" -c "$2" 2>&1
}

await_at() { # PORT CONDITION-IN-SQL
  local tries=1500
  until [ "$(sql_at "$1" "SELECT $2")" = t ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.02
  done
}

server_start() { # NAME DATA PORT [OPTION...]
  local name=$1 data=$2 port=$3
  shift 3
  # shellcheck disable=SC2046 # a list
  (cd / && exec setpriv $([ "$(id -u)" != 0 ] || echo --reuid=nobody --regid=nogroup --clear-groups) \
    "$postgresql_programs/postgres" -D "$data" -c listen_addresses=127.0.0.1 -c "port=$port" \
    -c "unix_socket_directories=$postgresql_folder/pg" -c fsync=off "$@") >> "$run/$name.log" 2>&1 &
  server_pid[$name]=$! server_port[$name]=$port
  await_at "$port" true
}

server_kill() { # NAME
  kill -9 "${server_pid[$1]}" && wait "${server_pid[$1]}" 2> /dev/null
  unset "server_pid[$1]"
}

# To the primary on that port; a new one for each.
wire_start() { # PORT
  stop_process "$wire_pid"
  rm -f "$run/cut" "$run/wire.port"
  "$top_srcdir/tests/lib/slow-wire.py" "$run/wire.port" "$1" 0 "$run/cut" &
  wire_pid=$!
  until [ -s "$run/wire.port" ]; do sleep 0.02; done
}
wire_cut() { : > "$run/cut"; }
wire_heal() { rm -f "$run/cut"; }

standby_start() { # NAME PRIMARY-PORT PORT
  local data=$postgresql_folder/pg/$1
  wire_start "$2"
  as_server "$postgresql_programs/pg_basebackup" -D "$data" -c fast -X stream --no-sync \
    -d "postgresql://uketsuke@127.0.0.1:$2/?sslmode=disable" > "$run/$1.log" 2>&1 || return 1
  as_server touch "$data/standby.signal"
  server_start "$1" "$data" "$3" \
    -c "primary_conninfo=host=127.0.0.1 port=$(cat "$run/wire.port") user=uketsuke application_name=$1 sslmode=disable" || return 1
  sql_at "$2" "ALTER SYSTEM SET synchronous_standby_names = '$1'" && sql_at "$2" "SELECT pg_reload_conf()" > "$run/reload"
  await_at "$2" "EXISTS (SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming')"
}

# A copy has the setting of its primary, which would now wait for itself.
promote() { # NAME
  local port=${server_port[$1]}
  sql_at "$port" "SELECT pg_promote()" > "$run/promote"
  await_at "$port" "NOT pg_is_in_recovery()" || return 1
  sql_at "$port" "ALTER SYSTEM SET synchronous_standby_names = ''" && sql_at "$port" "SELECT pg_reload_conf()" > "$run/reload"
  await_at "$port" "current_setting('synchronous_standby_names') = ''"
}
