# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A page with buttons for the demonstration of the screens. Prints its address, then one word for each button that is
pressed. The address has a key, and a page of another site can neither read it nor send anything with it."""
import http.server
import secrets
import sys

PORT = int(sys.argv[1])
KEY = secrets.token_hex(16)
HOST = f"127.0.0.1:{PORT}"
BUTTONS = [
    ("login", "職員証を入れる / insert the operator's card"),
    ("patient-1", "患者1のカードを置く / lay down patient 1's card"),
    ("patient-2", "患者2のカードを置く / lay down patient 2's card"),
    ("wrong", "違うカードを置く / lay down a wrong card"),
    ("empty", "患者のカードを取る / take the patient's card"),
    ("platform-down", "回線を切る / the platform stops"),
    ("platform-up", "回線を戻す / the platform comes back"),
    ("desk-down", "端末を止める / the core stops"),
    ("desk-up", "端末を動かす / the core starts"),
    ("logout", "職員証を抜く / take the operator's card"),
]
WORDS = {word for word, _ in BUTTONS}
STYLE = "body{font:1.1rem/1.6 sans-serif;margin:1rem}button{font:inherit;display:block;width:100%;min-height:48px;margin:.5rem 0}"
FORMS = "".join(f'<form method="post" action="/{KEY}/{word}"><button>{text}</button></form>' for word, text in BUTTONS)
PAGE = (f'<!DOCTYPE html><html lang="ja"><meta charset="utf-8"><title>カード</title><style>{STYLE}</style>'
        f"<h1>カードと障害 / Cards and faults</h1>{FORMS}</html>").encode()


class Control(http.server.BaseHTTPRequestHandler):
    def refuse(self):
        self.send_error(403)

    def is_ours(self):
        return self.headers.get("Host") == HOST and self.path.startswith(f"/{KEY}/")

    def do_GET(self):
        if not self.is_ours():
            self.refuse()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
        self.send_header("Referrer-Policy", "same-origin")
        self.end_headers()
        self.wfile.write(PAGE)

    def do_POST(self):
        word = self.path.rsplit("/", 1)[-1]
        if not self.is_ours() or word not in WORDS or self.headers.get("Origin") != f"http://{HOST}":
            self.refuse()
            return
        print(word, flush=True)
        self.send_response(303)
        self.send_header("Location", f"/{KEY}/")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Control)
print(f"http://{HOST}/{KEY}/", flush=True)
server.serve_forever()
