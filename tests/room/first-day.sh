#!/bin/bash
# Inside a booted room, as root: the guide from a blank machine to the first patient, its commands as printed; then what
# an administrator does later to a terminal that works: update, remove, install again, purge. Speaks TAP (tap.sh); what
# the commands of the guide printed is in /root/room/first-day.md afterwards. Beside it: first-patient.md, tap.sh.
#
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
set -u
cd /root/room || exit 99
. ./tap.sh
transcript=/root/room/first-day.md
diagnose() { # what a failure needs to be understood from afar
  { systemctl --no-pager --failed; journalctl -b --no-pager -n 12; } 2>&1 | sed 's/^/# /' | cut -c1-300
}

# --- the guide -----------------------------------------------------------------------------------------------------------

# "heading" and commands, one a line, as the guide has them.
steps() { awk '/^## / { print } /^    / { print substr($0, 5) }' /root/room/first-patient.md; }
. /etc/os-release
{
  echo "# The first day, as a machine saw it"
  echo
  echo "Made by \`tests/room/first-day\`: the commands of [the guide](first-patient.md) as printed there, on a fresh $PRETTY_NAME with systemd, and what they said. Only apt's and dpkg's own words are left out."
} > "$transcript"
open=no
fence() { # yes|no: inside a block of the transcript
  [ "$open" = "$1" ] || printf '%s\n' '```' >> "$transcript"
  open=$1
}
cd /root/packages || exit 99
while IFS= read -r line; do
  case $line in
    '## Afterwards') break ;;
    '## '*)
      fence no
      printf '\n%s\n\n' "$line" >> "$transcript"
      continue
      ;;
  esac
  fence yes
  printf '# %s\n' "$line" >> "$transcript"
  begun=$EPOCHREALTIME
  eval "$line" > /root/room/said 2>&1 < /dev/null
  status=$?
  case $line in apt-get*) echo "(apt's words)" ;; *) cat /root/room/said ;; esac >> "$transcript"
  is "\$ $(cut -c1-90 <<< "$line")" "$status" 0 || { sed 's/^/# /' /root/room/said; diagnose; }
  echo "# $(awk -v a="$begun" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f s", b - a }')"
  case $line in *' uketsuke '*) cp /root/room/said "/root/room/said-$(sed 's/.* uketsuke \([a-z]*\).*/\1/' <<< "$line")" ;; esac
done < <(steps)
fence no
cd /root/room || exit 99

desk() { runuser -u hanako -- uketsuke "$@"; }
active() { systemctl is-active "$@" 2> /dev/null | xargs; }
like "the reception after the platform's end was provisional, then confirmed" "$(cat said-reconcile)" "confirmed|確定|Reconciled|0 "
is "platform, history service, terminal, pcscd run as units" "$(active uketsuke-pf uketsuke-history uketsuke softcard)" \
  "active active active active"
is "the terminal runs as its user" "$(ps -o user= -p "$(systemctl show -P MainPID uketsuke)" | xargs)" uketsuke
is "the self-test was passed" "$(desk status --json | grep -o '"registeredPlatform": *"20' | head -n 1 | tr -d ' ')" \
  '"registeredPlatform":"20'
check "a person at the counter cannot read the terminal's files" test "$(runuser -u hanako -- cat /var/lib/uketsuke/se-pin 2> /dev/null)" = ""
useradd --create-home stranger
like "who is not of the desk's group is refused" "$(runuser -u stranger -- uketsuke status --json 2>&1)" "desk-denied|state-foreign|cannot"
is "nothing of a source tree is here" "$(find / -xdev -name Makefile.am -not -path '/proc/*' 2> /dev/null)" ""
exposed=$(systemd-analyze security --no-pager uketsuke uketsuke-pf uketsuke-history 2> /dev/null | grep -c UNSAFE)
is "no unit of ours is unsafe to systemd's mind" "$exposed" 0
check "reload: SIGHUP does not end the daemon" systemctl reload uketsuke uketsuke-pf uketsuke-history
is "all of them run on" "$(active uketsuke-pf uketsuke-history uketsuke)" "active active active"

# --- update --------------------------------------------------------------------------------------------------------------

newer() { # the same packages under a later version: what they do to a machine at an update
  mkdir -p /root/newer
  local package old
  for package in /root/packages/*_*.deb; do
    case $package in *-dbgsym_*) continue ;; esac
    rm -rf /root/unpacked
    dpkg-deb -R "$package" /root/unpacked
    old=$(sed -n 's/^Version: //p' /root/unpacked/DEBIAN/control)
    sed -i "s/$old/$old.1/g" /root/unpacked/DEBIAN/control
    dpkg-deb -Znone -b /root/unpacked "/root/newer/$(basename "$package" | sed "s/_${old}_/_${old}.1_/")" > /dev/null || return 1
  done
}
check "the same packages under a later version" newer
systemctl stop uketsuke-pf
cp -a /etc/uketsuke /root/configuration
check "a reception while the platform is away" desk reception --again || diagnose
check "an update" apt-get install --yes --no-install-recommends -o APT::Sandbox::User=root /root/newer/*.deb || diagnose
is "configuration is as it was" "$(diff -r /etc/uketsuke /root/configuration)" ""
is "the services run again" "$(active uketsuke-history uketsuke)" "active active"
systemctl start uketsuke-pf
login_again() { desk login --pin-fd 0 <<< 1234; }
check "the receptionist logs in again: paired SE and store are the same" login_again || diagnose
waiting_sent() { desk reconcile && desk status | grep -q 'waiting for the platform: 0'; }
check "what waited before the update is sent after it" waiting_sent
check "and the next patient is received" desk reception --again || diagnose

# --- remove, install again, purge ------------------------------------------------------------------------------------------

ours=(uketsuke-terminal pkcs11-jpki uketsuke-tools uketsuke-services)
check "removed" apt-get remove --yes "${ours[@]}" || diagnose
is "no daemon of ours runs any more" "$(pgrep -l 'uketsuke' | xargs)" ""
check "keys and records are there" test -s /var/lib/uketsuke/terminal.sqlite -a -s /var/lib/uketsuke/binding.key
check "so is the configuration" test -s /etc/uketsuke/uketsuke.conf -a -s /etc/uketsuke/opensc.conf
check "installed again" apt-get install --yes --no-install-recommends -o APT::Sandbox::User=root /root/newer/*.deb
systemctl start uketsuke-pf uketsuke-history uketsuke
check "and the terminal works as before" login_again || diagnose

purged=$(apt-get purge --yes "${ours[@]}" 2>&1)
is "purged, with nobody to answer" "$?" 0
like "the keys and records stay, and it says so" "$purged" "/var/lib/uketsuke is kept"
check "they are there" test -s /var/lib/uketsuke/terminal.sqlite -a -s /var/lib/uketsuke-pf/platform.sqlite
is "units, programs and modules are gone" "$(find /usr/bin /usr/sbin /usr/lib -name 'uketsuke*' ! -path '*.d/*' ! -name 'uketsuke-cardlink.conf' |
  grep -vE 'uketsuke$|softcard|libifd' | xargs)" ""
apt-get install --yes --no-install-recommends -o APT::Sandbox::User=root /root/newer/*.deb > /dev/null 2>&1
for package in uketsuke-terminal uketsuke-services; do
  echo "$package $package/purge-data boolean true" | debconf-set-selections
done
purged=$(DEBIAN_FRONTEND=noninteractive apt-get purge --yes "${ours[@]}" 2>&1)
is "purged, with yes as the answer" "$?" 0
check "keys and records are gone" test ! -e /var/lib/uketsuke -a ! -e /var/lib/uketsuke-pf || sed 's/^/# /' <<< "$purged"

# --- from a medium, with a signed repository -------------------------------------------------------------------------------

while IFS= read -r line; do
  check "\$ $line" bash -c "$line" < /dev/null
done < <(awk '/^## / { inside = $0 == "## Install from a medium" } inside && /^    / { print substr($0, 5) }' packages.md)
is "the terminal is installed" "$(dpkg-query -W -f '${db:Status-Status}' uketsuke-terminal 2> /dev/null)" installed
is "by the repository's version" "$(dpkg-query -W -f '${Version}' uketsuke-terminal)" \
  "$(dpkg-deb -f "$(ls /root/packages/uketsuke-terminal_*.deb)" Version)"
sed -i 's/^Origin: .*/Origin: Somebody else/' /media/uketsuke/dists/uketsuke/InRelease
rm -rf /var/lib/apt/lists/*media_uketsuke*
like "a repository that was altered on its way is refused" "$(apt-get update -o Dir::Etc::SourceParts=- \
  -o Dir::Etc::SourceList=/etc/apt/sources.list.d/uketsuke.sources 2>&1)" "not signed|BADSIG|invalid|[Bb]ad"
tap_done
