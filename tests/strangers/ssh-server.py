#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An SSH server for one test: python3-asyncssh on a free port of 127.0.0.1. Who has a key of AUTHORISED-KEYS is told
its fingerprint.

Usage: ssh-server.py HOST-KEY AUTHORISED-KEYS PORT-FILE"""
import asyncio
import sys

import asyncssh


class Door(asyncssh.SSHServer):
    """Remembers which key opened it."""

    def connection_made(self, conn):
        self.connection = conn

    def validate_public_key(self, username, key):
        fingerprint = key.get_fingerprint()
        welcome = fingerprint in welcome_fingerprints
        if welcome:
            self.connection.set_extra_info(fingerprint=fingerprint)
        return welcome

    def public_key_auth_supported(self):
        return True


def answer(process):
    """Reached only after the signature over the session was verified."""
    process.stdout.write(f"welcome {process.get_extra_info('fingerprint')}\n")
    process.exit(0)


async def serve(host_key, port_file):
    server = await asyncssh.create_server(Door, "127.0.0.1", 0, server_host_keys=[host_key], process_factory=answer)
    with open(port_file, "w", encoding="ascii") as file:
        file.write(f"{server.sockets[0].getsockname()[1]}\n")
    await server.wait_closed()


welcome_fingerprints = {key.get_fingerprint() for key in asyncssh.read_public_key_list(sys.argv[2])}
asyncio.run(serve(sys.argv[1], sys.argv[3]))
