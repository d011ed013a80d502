# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# Processes that a test starts and ends. Sourced (bash).

# stop_process PID [SIGNAL]: ends a child of this shell, by force after thirty seconds. None: nothing to do.
stop_process() {
  local pid=$1 tries=1500
  [ -n "$pid" ] || return 0
  kill "-${2:-TERM}" "$pid" 2> /dev/null
  while kill -0 "$pid" 2> /dev/null && [ "$tries" -gt 0 ]; do
    # A child that has ended stays until it is waited for; its state tells.
    case $(sed 's/.*) //' "/proc/$pid/stat" 2> /dev/null) in Z* | "") break ;; esac
    tries=$((tries - 1))
    sleep 0.02
  done
  [ "$tries" -gt 0 ] || kill -KILL "$pid" 2> /dev/null
  wait "$pid" 2> /dev/null
}

# A port on which nobody listens, below those that the kernel gives by itself (ip_local_port_range): a service that is
# stopped finds it free again when it is started, whatever else has begun to listen meanwhile.
choose_port() {
  local port
  while :; do
    port=$((12000 + (RANDOM * 32768 + RANDOM) % 18000))
    grep -qi ":$(printf %04X "$port") 0*:0000 0A" /proc/net/tcp /proc/net/tcp6 2> /dev/null || break
  done
  echo "$port"
}
