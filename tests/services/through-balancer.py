#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Terminals behind a balancer: through-balancer.py PORT CA CERTIFICATE KEY ADDRESS...

Opens a connection from each ADDRESS (of loopback; one may be named several times), one after the other, and asks for
/status on each; then once more on each, on the same connection. Then resumes a session on a new connection. Prints
"ALIVE of ALL alive; resumed yes|no"."""
import socket
import ssl
import sys

PORT, CA, CERTIFICATE, KEY = int(sys.argv[1]), *sys.argv[2:5]
REQUEST = b"GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n"

context = ssl.create_default_context(cafile=CA)
context.load_cert_chain(CERTIFICATE, KEY)
context.minimum_version = ssl.TLSVersion.TLSv1_3


def connect(address, session=None):
    raw = socket.create_connection(("127.0.0.1", PORT), timeout=30, source_address=(address, 0))
    return context.wrap_socket(raw, server_hostname="localhost", session=session)


def ask(connection):
    try:
        connection.sendall(REQUEST)
        answer = b""
        while b"}" not in answer:
            part = connection.recv(65536)
            if not part:
                return False
            answer += part
        return b" 200 " in answer
    except OSError:
        return False


connections = []
for one in sys.argv[5:]:
    try:
        connections.append(connect(one))
        ask(connections[-1])
    except OSError:
        connections.append(None)
alive = sum(1 for one in connections if one is not None and ask(one))
resumed = "no"
last = next((one for one in reversed(connections) if one is not None and one.session is not None), None)
if last is not None:
    again = connect(sys.argv[-1], last.session)
    if ask(again) and again.session_reused:
        resumed = "yes"
print(f"{alive} of {len(connections)} alive; resumed {resumed}")
