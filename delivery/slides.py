"""Slides of docs/ja/slides: Markdown to pptx by pandoc, and to PDF by LibreOffice."""
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
import subprocess
import tempfile

import render
import template


def make(source, out, pictures):
    """NAME.pptx and NAME.pdf of NAME.md; pictures: the folder of what it shows."""
    pptx = out / (source.stem + ".pptx")
    with tempfile.TemporaryDirectory(prefix="uketsuke-slides-") as folder:
        template.write("reference.pptx", f"{folder}/reference.pptx")
        subprocess.run(["pandoc", "--from=markdown+east_asian_line_breaks-smart", "--to=pptx", "--slide-level=2",
                        f"--reference-doc={folder}/reference.pptx", f"--resource-path={pictures}", "--fail-if-warnings",
                        "-o", pptx, source], check=True)
        subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{folder}/office", "--convert-to", "pdf",
                        "--outdir", out, pptx], check=True, capture_output=True)
    render.raise_pdf_version(pptx.with_suffix(".pdf"))
