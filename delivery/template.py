"""pandoc's own templates with Japanese fonts: without them its files name Cambria and Calibri, which have no Japanese letters,
and each word processor takes what it likes."""
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
import io
import re
import subprocess
import zipfile

GOTHIC, MINCHO = "IPAexGothic", "IPAexMincho"
# Of slides, hundredths of a point: Japanese letters are wide.
SLIDE_SIZES = {"3200": "2800", "2800": "2200", "2400": "2000", "2000": "1800"}


def theme(content, font):
    content = re.sub(r'<a:(latin|ea) typeface="[^"]*"', rf'<a:\1 typeface="{font}"', content)
    return re.sub(r'(script="Jpan" typeface=)"[^"]*"', rf'\1"{font}"', content)


def document_part(name, content):
    if name.startswith("word/theme/"):
        return theme(content, MINCHO)
    if name != "word/styles.xml":
        return content
    fonts = " ".join(f'w:{script}="{MINCHO}"' for script in ("ascii", "hAnsi", "eastAsia", "cs"))
    defaults = f'<w:rFonts {fonts} /><w:sz w:val="21" /><w:lang w:val="en-US" w:eastAsia="ja-JP" w:bidi="ar-SA" />'
    return re.sub(r"<w:rPrDefault>.*?</w:rPrDefault>", f"<w:rPrDefault><w:rPr>{defaults}</w:rPr></w:rPrDefault>", content,
                  flags=re.S)


def slide_part(name, content):
    if name.startswith("ppt/theme/"):
        return theme(content, GOTHIC)
    if not name.startswith(("ppt/slideMasters/", "ppt/slideLayouts/")):
        return content
    return re.sub(r'(<a:lvl[1-9]pPr.*?<a:defRPr[^>]* sz=)"(\d+)"',
                  lambda found: f'{found.group(1)}"{SLIDE_SIZES.get(found.group(2), found.group(2))}"', content)


KINDS = {"reference.docx": document_part, "reference.pptx": slide_part}


def write(kind, path):
    """kind: one of KINDS, as pandoc names its template."""
    own = subprocess.run(["pandoc", "--print-default-data-file", kind], check=True, capture_output=True).stdout
    with zipfile.ZipFile(io.BytesIO(own)) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename.endswith(".xml"):
                content = KINDS[kind](entry.filename, content.decode("utf-8")).encode("utf-8")
            target.writestr(entry, content)
