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
