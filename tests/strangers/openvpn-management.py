# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The person beside an OpenVPN client: openvpn-management.py SOCKET PIN-FILE

Gives the PIN when the client's management interface asks for one, waits until it is connected, then ends it. Asked
again, or when the client ends by itself, it has failed: status 1. Shows what the client says."""
import re
import socket
import sys
import time

path, pin_file = sys.argv[1:]
with open(pin_file, encoding="ascii") as file:
    pin = file.read()
client = socket.socket(socket.AF_UNIX)
for _ in range(500):
    try:
        client.connect(path)
        break
    except OSError:
        time.sleep(0.02)
client.settimeout(30)
lines = client.makefile("rw", encoding="utf-8", newline="\n")


def say(text):
    lines.write(text + "\n")
    lines.flush()


given, connected, ended = False, False, False
say("log on")
say("state on")
say("hold release")
for line in lines:
    print(line.rstrip())
    asked = re.match(r">PASSWORD:Need '(.*)' password", line)
    if asked and not given:
        given = True
        say(f'password "{asked[1]}" "{pin}"')
    elif not ended and (asked or ",CONNECTED," in line):
        connected = ",CONNECTED," in line
        ended = True
        say("signal SIGTERM")  # the state is told more than once, and the client may be gone by then
sys.exit(0 if connected else 1)
