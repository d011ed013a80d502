#!/bin/bash
# Inside a booted room, as root: the older packages are installed, and the commands of the guide that they bring along make a
# terminal that works, up to a reception that waits for the platform. Then the newer packages come. Speaks TAP (tap.sh).
# Beside it: older/, the older packages; the newer ones are in /root/packages.
#
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
set -u
cd /root/room || exit 99
. ./tap.sh
diagnose() {
  { systemctl --no-pager --failed; journalctl -b --no-pager -n 12; } 2>&1 | sed 's/^/# /' | cut -c1-300
}
install_from() { # FOLDER: what a desk and its emulated surroundings need
  apt-get install --yes --no-install-recommends -o APT::Sandbox::User=root \
    "$1"/{pkcs11-jpki,uketsuke-{terminal,tools,services,softcard,ca,doc}}_*.deb
}
version() { dpkg-query -W -f '${Version}' uketsuke-terminal; }
desk() { runuser -u hanako -- uketsuke "$@"; }
active() { systemctl is-active "$@" 2> /dev/null | xargs; }

wait_for() { # COMMAND: until it succeeds, at most a minute
  local tries=300
  until "$@" > /dev/null 2>&1 || [ "$tries" = 0 ]; do
    tries=$((tries - 1))
    sleep 0.2
  done
}

# --- before --------------------------------------------------------------------------------------------------------------

check "the older packages" install_from /root/room/older || diagnose
older=$(version)
guide=$(ls /usr/share/doc/uketsuke/docs/guides/first-patient.md*)
steps=0
cd /root/room/older || exit 99
while IFS= read -r line; do
  case $line in apt-get*) continue ;; 'systemctl start uketsuke-pf') break ;; esac
  steps=$((steps + 1))
  # Older units count as started before the daemon answers.
  case $line in *' uketsuke login '*) wait_for runuser -u hanako -- uketsuke status ;; esac
  eval "$line" > /root/room/said 2>&1 < /dev/null ||
    { sed 's/^/# /' /root/room/said; diagnose; tap_bail_out "the older guide's step: $line"; }
done < <(zcat -f "$guide" | awk '/^## Afterwards/ { exit } /^    / { print substr($0, 5) }')
cd /root/room || exit 99
check "its own guide made a terminal that works ($steps commands)" test "$steps" -ge 30
like "a reception waits for the platform" "$(cat said)" "PROVISIONAL"
serial=$(desk status | sed -n 's/^SE: //p')
check "with its SE" test -n "$serial"
cp -a /etc/uketsuke configuration
cp -a /var/lib/uketsuke before

# --- the update ----------------------------------------------------------------------------------------------------------

check "the newer packages" install_from /root/packages || diagnose
check "are newer: $older, then $(version)" dpkg --compare-versions "$older" lt "$(version)"
is "the version that runs is the one that is installed" "$(readlink "/proc/$(systemctl show -P MainPID uketsuke)/exe")" /usr/bin/uketsuke
is "no question was asked about configuration" "$(find /etc -name '*.dpkg-*')" ""
changed=$(diff -rq --exclude '*.ucf-dist' configuration /etc/uketsuke)
is "configuration that its owner has made is as it was" "$changed" ""
check "the new one lies beside it" cmp /etc/uketsuke/opensc.conf.ucf-dist /usr/share/uketsuke/opensc.conf
is "terminal and history service were started again" "$(active uketsuke uketsuke-history)" "active active"
is "no unit has failed" "$(systemctl --failed --plain --no-legend | xargs)" ""
check "the binding key is the same" cmp /var/lib/uketsuke/binding.key before/binding.key
is "so is the SE" "$(desk status | sed -n 's/^SE: //p')" "$serial"
systemctl start uketsuke-pf
login_again() { desk login --pin-fd 0 <<< 1234; }
check "the receptionist logs in" login_again || diagnose
check "the older store is read: its audit log is whole" desk audit || diagnose
sent() { desk reconcile > said 2>&1 && desk status | grep -q 'waiting for the platform: 0'; }
check "what waited since before the update is sent" sent || sed 's/^/# /' said
check "and the next patient is received" desk reception --again || diagnose
desk_answers_at_once() { systemctl restart uketsuke && desk status; }
check "systemctl restart comes back when the desk answers" desk_answers_at_once || diagnose
wrong_ends() { # a configuration that cannot be used: one try, and what it was is in the journal
  local unit=$1 file=$2
  cp -p "$file" "$file.kept" && echo nonsense >> "$file"
  systemctl restart "$unit" 2> /dev/null && return 1
  sleep 3 # three times RestartSec: a second try would have been made
  [ "$(systemctl show -P NRestarts "$unit") $(systemctl show -P ExecMainStatus "$unit")" = "0 2" ] || return 1
  cp -p "$file.kept" "$file" && rm "$file.kept" && systemctl restart "$unit"
}
for unit in uketsuke uketsuke-pf uketsuke-history; do
  check "$unit with a wrong configuration ends once, and works again with the right one" wrong_ends "$unit" "/etc/uketsuke/$unit.conf" ||
    systemctl status --no-pager "$unit" 2>&1 | sed 's/^/# /'
done
tap_done
