"""Markdown to docx and PDF with cover, history, index, header and footer: pandoc, then finish.py, then qpdf."""
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import template

HERE = pathlib.Path(__file__).resolve().parent
TOOLS = ("pandoc", "soffice", "qpdf", "dot", "rsvg-convert")


def require_tools(tools=TOOLS):
    """Ends the program when one is missing; says which, and where it comes from."""
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        sys.exit(f"{pathlib.Path(sys.argv[0]).name}: no {', '.join(missing)}: apt-get install the packages of "
                 "delivery/packages-documents")


def split_meta(text):
    """(the lines "key: value" between two lines "---" at the beginning, the rest); ({}, text): there are none."""
    found = re.match(r"---\n(.*?)\n---\n", text, re.S)
    if not found:
        return {}, text
    return dict(line.split(": ", 1) for line in found.group(1).splitlines()), text[found.end():]


def make_docx(name, text, out, figures):
    """NAME.docx of Markdown; figures: the folder of its pictures."""
    markdown = out / (name + ".md")
    markdown.write_text(text, "utf-8")
    docx = out / (name + ".docx")
    with tempfile.TemporaryDirectory(prefix="uketsuke-docx-") as folder:
        template.write("reference.docx", f"{folder}/reference.docx")
        subprocess.run(["pandoc", "--from=markdown+east_asian_line_breaks-yaml_metadata_block-smart", "--to=docx",
                        "--number-sections", f"--reference-doc={folder}/reference.docx",
                        f"--lua-filter={HERE}/breaks.lua", f"--lua-filter={HERE}/captions.lua",
                        f"--lua-filter={HERE}/widths.lua", f"--resource-path={figures}", "--fail-if-warnings", "-o", docx,
                        markdown], check=True)
    markdown.unlink()
    return docx


def raise_pdf_version(pdf):
    """LibreOffice 7.4 writes PDF 1.6, whatever it is asked for."""
    subprocess.run(["qpdf", "--min-version=1.7", "--deterministic-id", "--replace-input", pdf], check=True)


def finish(version, documents):
    """documents: (path of the docx, its meta). Each gets its front, and a PDF 1.7 beside it."""
    jobs = [word for docx, meta in documents
            for word in (str(docx), meta["title"], meta["number"], meta["date"], meta["history"])]
    subprocess.run([sys.executable, HERE / "finish.py", version, *jobs], check=True,
                   env={**os.environ, "SAL_USE_VCLPLUGIN": "svp"})
    for docx, _ in documents:
        raise_pdf_version(docx.with_suffix(".pdf"))
