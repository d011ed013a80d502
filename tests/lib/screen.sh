# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# The pages' server (uketsuke-screen), in a folder of its own. Sourced (bash) after tests/lib/process.sh.
#
#   screen_start FOLDER DESK-SOCKET   # $screen_conf, $screen_pid, $screen (http://127.0.0.1:PORT)
#   screen_address staff              # an address that opens the view once
#   screen_stop
#   screen_phrases record put-card-ja FILE    # uketsuke-phrases, with the folder FOLDER/phrases
#   screen_wav FILE SAMPLES                   # a recording of nobody: a tone
screen_pid=
screen_port=
screen_users=${screen_users:-}

screen_start() { # FOLDER DESK-SOCKET
  mkdir -p "$1" && chmod 755 "$1" || return 1
  screen_conf=$1/screen.conf
  screen_log=$1/screen.log
  screen_port=${screen_port:-$(choose_port)}
  screen=http://127.0.0.1:$screen_port
  {
    printf '[screen]\ndesk = %s\nfolder = %s\nport = %s\npages = %s\nphrases = %s\n' "$2" "$1" "$screen_port" \
      "$top_srcdir/apps/screen/pages" "$1/phrases"
    [ -z "$screen_users" ] || printf 'users = %s\n' "$screen_users"
  } > "$screen_conf"
  "$top_builddir/apps/screen/uketsuke-screen" serve --config "$screen_conf" >> "$screen_log" 2>&1 &
  screen_pid=$!
  local tries=500
  until screen_address staff > /dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] && kill -0 "$screen_pid" 2> /dev/null || { cat "$screen_log" >&2; return 1; }
    sleep 0.02
  done
}

screen_address() { # VIEW
  "$top_builddir/apps/screen/uketsuke-screen" address "$1" --config "$screen_conf"
}

screen_stop() {
  [ -n "$screen_pid" ] && stop_process "$screen_pid"
  screen_pid=
}

screen_phrases() { # COMMAND [WORD...]
  PATH=$top_builddir/apps/screen:$PATH UKETSUKE_SCREEN_CONFIG=$screen_conf "$top_srcdir/apps/screen/uketsuke-phrases" "$@"
}

screen_wav() { # FILE SAMPLES, 8,000 of them a second
  python3 -c '
import math, struct, sys, wave
with wave.open(sys.argv[1], "wb") as file:
    file.setparams((1, 2, 8000, 0, "NONE", ""))
    file.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(i / 3))) for i in range(int(sys.argv[2]))))' "$1" "$2"
}
