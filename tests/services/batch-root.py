#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What was signed of an answer: docs/interfaces/http.md, "What is signed of an answer" and "Answers that stand alone",
read by somebody else.

  batch-root.py FILE           prints it for a whole batch-response; ends with 1 when an entry's path leads elsewhere
  batch-root.py --answer FILE  prints the signed form of a single answer
  batch-root.py --bare FILE    prints the batch-response with each answer in its signed form
  batch-root.py --proof FILE   prints what was signed, from a proof of one entry
"""
import hashlib
import json
import sys

LINK, SALTS = "urn:uketsuke:link-id", "urn:uketsuke:salts"


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(salt, part):
    return hashlib.sha256(b"uketsuke-answer-part-2\0" + bytes.fromhex(salt) + part).hexdigest().upper()


def signed_form(answer):
    """Of an answer in full."""
    extensions = {one["url"]: one["valueString"] for one in answer["extension"] if "valueString" in one}
    salts = extensions[SALTS].split(" ")
    own = {name: value for name, value in answer.items() if name != "contained"}
    own["extension"] = [one for one in answer["extension"] if one["url"] != SALTS]
    parts = [canonical(own)] + [canonical(one) for one in answer.get("contained", [])]
    if len(salts) % 8 != 0 or not 0 <= len(salts) - len(parts) < 8:
        sys.exit("another number of salts than there are parts")
    parts += [b""] * (len(salts) - len(parts))
    form = {name: answer[name] for name in ("created", "identifier", "insurer", "outcome", "purpose", "request",
                                            "resourceType", "servicedDate", "status") if name in answer}
    form["meta"] = {"profile": ["urn:uketsuke:signed-answer-2"]}
    form["patient"] = {"identifier": answer["patient"]["identifier"]}
    form["extension"] = [{"url": "urn:uketsuke:answer-digests", "valueString": " ".join(map(digest, salts, parts))}]
    if LINK in extensions:
        form["extension"].append({"url": LINK, "valueString": extensions[LINK]})
    return form


def bare(entry):
    if entry["response"]["status"] in ("200", "201"):
        entry["resource"] = signed_form(entry["resource"])
    return entry


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
    return index, count, canonical({"entries": count, "root": root.hex().upper(), "type": "uketsuke-batch-answer-2"})


def batch(message):
    roots = set()
    for number, entry in enumerate(message["entry"]):
        path = next(e["valueString"] for e in entry.pop("extension") if e["url"] == "urn:uketsuke:batch-path")
        index, count, root = content(bare(entry), path)
        if index != number or count != len(message["entry"]):
            sys.exit("an entry at another place")
        roots.add(root)
    if len(roots) != 1:
        sys.exit("several roots")
    return roots.pop()


def main():
    with open(sys.argv[-1], encoding="utf-8") as file:
        message = json.load(file)
    ways = {
        "--answer": lambda: canonical(signed_form(message)),
        "--bare": lambda: canonical({**message, "entry": [bare(one) for one in message["entry"]]}),
        "--proof": lambda: content(message["entry"], message["path"])[2],
    }
    sys.stdout.buffer.write(ways.get(sys.argv[1], lambda: batch(message))())


main()
