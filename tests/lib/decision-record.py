#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The record of a decision (docs/interfaces/local-store.md, "Decisions") in parts, for tests that play with it.

decision-record.py split RECORD PREFIX   writes PREFIX.0, PREFIX.1, ...
decision-record.py join FILE...          writes the record that these parts make to standard output
"""
import struct
import sys


def split(record, prefix):
    with open(record, "rb") as file:
        rest = file.read()
    number = 0
    while rest:
        (length,) = struct.unpack(">I", rest[:4])
        with open(f"{prefix}.{number}", "wb") as file:
            file.write(rest[4:4 + length])
        rest = rest[4 + length:]
        number += 1


def join(names):
    for name in names:
        with open(name, "rb") as file:
            part = file.read()
        sys.stdout.buffer.write(struct.pack(">I", len(part)) + part)


if sys.argv[1] == "split":
    split(sys.argv[2], sys.argv[3])
else:
    join(sys.argv[2:])
