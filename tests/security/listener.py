#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A history service that writes down what it receives, and takes nothing: so a test sees a terminal's words in clear.

  listener.py CERTIFICATE KEY CLIENT-CA PORT-FILE RECORD   until it is ended; mutual TLS 1.3
"""
import http.server
import os
import ssl
import sys

certificate, key, clients, port_file, record = sys.argv[1:]


class Listener(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body, **headers):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def note(self, body):
        with open(record, "ab") as file:
            file.write(f"{self.requestline}\n{self.headers}\n".encode() + body + b"\n")

    def do_GET(self):
        self.note(b"")
        self.answer(200, b'{"service":"history","status":"up","accepts":true}')

    def do_POST(self):
        self.note(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer(503, b"{}", Retry_After="1")

    def log_message(self, *_):
        pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.minimum_version = ssl.TLSVersion.TLSv1_3
context.load_cert_chain(certificate, key)
context.load_verify_locations(clients)
context.verify_mode = ssl.CERT_REQUIRED
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
server.socket = context.wrap_socket(server.socket, server_side=True)
with open(port_file + ".new", "w", encoding="ascii") as ready:
    ready.write(str(server.server_address[1]))
os.rename(port_file + ".new", port_file)
server.serve_forever()
