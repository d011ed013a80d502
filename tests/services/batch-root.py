#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What was signed of a batch-response: docs/interfaces/http.md, "Answers that stand alone", read by somebody else.

  batch-root.py FILE           prints it for a whole answer; ends with 1 when an entry's path leads elsewhere
  batch-root.py --proof FILE   likewise for a proof of one entry
"""
import hashlib
import json
import sys


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def climb(value, index, count, beside):
    """By halves, from the root down: unlike the programs, which climb."""
    if count == 1:
        if beside:
            sys.exit("path too long")
        return value
    if not beside:
        sys.exit("path too short")
    half = 1
    while 2 * half < count:
        half *= 2
    *below, here = beside
    if index < half:
        return node(climb(value, index, half, below), here)
    return node(here, climb(value, index - half, count - half, below))


def content(entry, path):
    place, *beside = path.split(" ")
    index, count = map(int, place.split("/"))
    leaf = hashlib.sha256(b"\x00" + canonical(entry)).digest()
    root = climb(leaf, index, count, [bytes.fromhex(one) for one in beside])
    return index, count, canonical({"entries": count, "root": root.hex().upper(), "type": "uketsuke-batch-answer"})


def main():
    with open(sys.argv[-1], encoding="utf-8") as file:
        message = json.load(file)
    if sys.argv[1] == "--proof":
        sys.stdout.buffer.write(content(message["entry"], message["path"])[2])
        return
    roots = set()
    for number, entry in enumerate(message["entry"]):
        path = next(e["valueString"] for e in entry.pop("extension") if e["url"] == "urn:uketsuke:batch-path")
        index, count, root = content(entry, path)
        if index != number or count != len(message["entry"]):
            sys.exit("an entry at another place")
        roots.add(root)
    if len(roots) != 1:
        sys.exit("several roots")
    sys.stdout.buffer.write(roots.pop())


main()
