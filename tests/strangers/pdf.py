# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The smallest PDF, and what a signature in one covers, for tests/strangers/pdfsig.test.

pdf.py write FILE               an empty page (ISO 32000-1 7.5)
pdf.py split FILE CONTENT CMS   the bytes that its signature covers, and the signature (12.8.1: ByteRange, Contents)
"""
import re
import sys

OBJECTS = [b"<< /Type /Catalog /Pages 2 0 R >>",
           b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
           b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> >>"]


def write(path):
    text, places = b"%PDF-1.7\n", []
    for number, content in enumerate(OBJECTS, 1):
        places.append(len(text))
        text += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(OBJECTS) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(OBJECTS) + 1, len(text))
    with open(path, "wb") as file:
        file.write(text + table + trailer)


def split(path, content_path, cms_path):
    with open(path, "rb") as file:
        text = file.read()
    ranges = re.findall(rb"/ByteRange *\[ *(\d+) +(\d+) +(\d+) +(\d+) *\]", text)
    if len(ranges) != 1:
        sys.exit(f"{len(ranges)} signatures")
    first, length, second, rest = map(int, ranges[0])
    if first != 0 or second + rest != len(text):
        sys.exit("the signature does not cover the whole file")
    der = bytes.fromhex(text[length:second].strip(b"<>").decode())
    with open(content_path, "wb") as file:
        file.write(text[:length] + text[second:])
    with open(cms_path, "wb") as file:
        file.write(der)


{"write": write, "split": split}[sys.argv[1]](*sys.argv[2:])
