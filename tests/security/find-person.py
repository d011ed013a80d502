#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Looks for people in what somebody has received or kept.

  find-person.py PLATFORM-STORE FILE...   prints what it finds of the people whom the platform has named in its answers:
      their names, kana, birth dates, addresses, insurance, as UTF-8, UTF-16, EUC-JP, Shift_JIS, JSON escapes, hexadecimal
      or base64, also inside of base64; digests of them without salt; and salts. Ends with 1 when there is anything.
"""
import base64
import hashlib
import json
import re
import sqlite3
import sys

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "shift_jis", "euc_jp")
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
SALTS = "urn:uketsuke:salts"
# What everybody may see stands in the resources of all people alike; single words are told nobody apart.
WORDS_MIN = 5


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def values(value, path=()):
    """Each text in a resource, with the way to it."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield from values(below, path + (name,))
    elif isinstance(value, list):
        for below in value:
            yield from values(below, path)
    elif isinstance(value, str):
        yield path[-1], value


def answers(store):
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as database:
        for (body,) in database.execute("SELECT body FROM answer"):
            yield json.loads(body)


def personal(answer):
    """What may be nowhere, with a name for it: texts; and digests and salts, which are looked for as hexadecimal."""
    telling = {"text", "birthDate", "display", "value", "valueString", "subscriberId", "postalCode"}
    for one in answer.get("contained", []):
        for name, text in values(one):
            if name in telling and len(text) >= WORDS_MIN:
                yield name, text
                given = re.split("[ \u3000]", text)[-1]  # a family name may be a hospital's, too
                if len(given.encode()) >= 6:
                    yield name, given
    yield "disposition", answer["disposition"]


def hidden(answer):
    for extension in answer["extension"]:
        if extension["url"] == SALTS:
            for salt in extension["valueString"].split(" "):
                yield "salt", bytes.fromhex(salt)
    own = {name: value for name, value in answer.items() if name != "contained"}
    own["extension"] = [one for one in answer["extension"] if one["url"] != SALTS]
    guesses = [own] + answer.get("contained", []) + [{name: text} for one in answer.get("contained", []) for name, text in values(one)]
    for guess in [canonical(one) for one in guesses] + [text for _, text in personal(answer)]:
        for domain in (b"", b"uketsuke-answer-part-2\0", b"uketsuke-answer-part-2\0" + bytes(16)):
            yield "digest without salt", hashlib.sha256(domain + guess.encode()).digest()


def needles(store):
    found = {}
    for answer in answers(store):
        for name, text in personal(answer):
            for encoding in ENCODINGS:
                raw = text.encode(encoding, "ignore")
                if len(raw) >= WORDS_MIN:
                    found[raw] = f"{name} {text} ({encoding})"
                    found[raw.hex().encode()] = found[raw.hex().upper().encode()] = f"{name} {text} ({encoding}, hexadecimal)"
            escaped = json.dumps(text)[1:-1].encode()
            found[escaped] = f"{name} {text} (JSON escapes)"
            found[escaped.replace(b"\\", b"\\\\")] = f"{name} {text} (JSON escapes, twice)"
        for name, raw in hidden(answer):
            found[raw] = found[raw.hex().encode()] = found[raw.hex().upper().encode()] = name
    if not found:
        sys.exit("the platform has named nobody")
    return found


def views(data, depth=4):
    """As it is, and what is inside of its base64, wherever a group of four may begin."""
    yield data
    if depth == 0:
        return
    for run in BASE64.findall(data.replace(b"\\n", b"").replace(b"\\/", b"/")):
        text = run.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        for start in range(4):
            piece = text[start:]
            piece = piece[: len(piece) // 4 * 4]
            inside = base64.b64decode(piece)
            yield from views(inside, depth - 1) if start == 0 else (inside,)


def main():
    wanted, ends = needles(sys.argv[1]), 0
    for path in sys.argv[2:]:
        with open(path, "rb") as file:
            data = file.read()
        seen = set()
        for view in views(data):
            seen |= {words for needle, words in wanted.items() if needle in view}
        for words in sorted(seen):
            print(f"{path}: {words}")
        ends |= bool(seen)
    sys.exit(ends)


main()
