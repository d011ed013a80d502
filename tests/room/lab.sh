#!/bin/bash
# Inside a booted room, as root: a laboratory at the machine's own pcscd is raised, used by its own terminal and by programs
# that know nothing of it, and taken away without a trace. Speaks TAP (tap.sh).
#
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
set -u
cd /root/room || exit 99
. ./tap.sh
check "packages" apt-get install --yes --no-install-recommends -o APT::Sandbox::User=root \
  /root/packages/{pkcs11-jpki,uketsuke-{terminal,tools,services,softcard,ca,lab}}_*.deb
units_before=$(systemctl list-units --no-legend --plain 'uketsuke*' | xargs)
files_before=$(find /etc /run /tmp /var/lib -xdev \( -name '*uketsuke*' -o -name '*lab*' \) 2> /dev/null | sort)
processes() { ps -eo comm= | grep -E '^(softcard|uketsuke)' | sort | xargs; }

if uketsuke-lab up --machine --people 2 > said 2>&1; then status=0; else status=$?; fi
is "raised" "$status" 0 || { sed 's/^/# /' said; tail -n 20 /tmp/uketsuke-lab*/log/* 2>&1 | sed 's/^/# /'; }
like "and says what to try" "$(cat said)" "uketsuke-lab run uketsuke login"
is "pcscd is the machine's own unit" "$(systemctl is-active pcscd.service)" active
readers=$(opensc-tool --list-readers 2>&1)
for reader in Patient Operator SE; do like "any program sees the reader $reader" "$readers" "Uketsuke $reader"; done
patient=$(uketsuke-lab cards | awk '{ print $1 }' | grep -vxE 'se-1|receptionist|doctor|administrator-[12]' | head -n 1)
check "a card goes in" uketsuke-lab card insert operator receptionist
login() { uketsuke-lab run uketsuke login --pin-fd 0 <<< 1234; }
check "the receptionist logs in" login
check "a patient's card, too" uketsuke-lab card insert patient "$patient"
module=$(ls /usr/lib/*/uketsuke/pkcs11-jpki.so)
like "pkcs11-tool finds it without the laboratory's environment" "$(pkcs11-tool --module "$module" --list-token-slots 2>&1)" "JPKI"
like "a reception" "$(uketsuke-lab run uketsuke reception 2>&1)" "CONFIRMED"
like "its state" "$(uketsuke-lab status 2>&1)" "terminal: runs"
check "the card is swapped" uketsuke-lab card swap patient "$patient"
check "and taken out" uketsuke-lab card remove patient
check "the SE, too" uketsuke-lab card remove se
is_locked() { local tries=50; until uketsuke-lab run uketsuke status --json | grep -q '"locked": *true\|lockedBecause'; do tries=$((tries - 1)); [ "$tries" -gt 0 ] || return 1; sleep 0.2; done; }
check "which locks the terminal" is_locked || uketsuke-lab run uketsuke status --json | sed 's/^/# /'
again=$(uketsuke-lab up --machine 2>&1)
is "a second one is refused" "$?" 1
like "because there is one" "$again" "is there already"

check "taken away" uketsuke-lab down
is "no process is left" "$(processes)" ""
is "no unit" "$(systemctl list-units --no-legend --plain 'uketsuke*' | xargs)" "$units_before"
is "no file" "$(find /etc /run /tmp /var/lib -xdev \( -name '*uketsuke*' -o -name '*lab*' \) 2> /dev/null | sort)" "$files_before"
like "pcscd goes on without its readers" "$(opensc-tool --list-readers 2>&1)" "No smart card readers found"
tap_done
