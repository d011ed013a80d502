"""What the customer's documents take from the project itself: each maker gives Markdown for a line {{name}} of docs/ja.

A fact stands once: commands come from the program's own help, words from the table of states, calls from the OpenAPI files,
libraries from docs/licences.md, requirements from docs/requirements.md.
"""
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
import json
import os
import re
import subprocess

import stages


def version(top):
    """Of the source tree."""
    return re.search(r"AC_INIT\(\[[^]]*\], *\[([^]]+)\]", (top / "configure.ac").read_text("utf-8")).group(1)


class Facts:
    """The source tree and a built one."""

    def __init__(self, top, build):
        self.top, self.build, self.version = top, build, version(top)

    def run(self, *command):
        environment = {**os.environ, "LANG": "ja_JP.UTF-8", "LC_ALL": "ja_JP.UTF-8", "LANGUAGE": "",
                       "UKETSUKE_LOCALEDIR": str(self.build / "apps/terminal/locale")}
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True, encoding="utf-8",
                              stdin=subprocess.DEVNULL).stdout

    def text(self, name):
        return (self.top / name).read_text("utf-8")


def table(caption, head, rows):
    def line(cells):
        return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    # A line of a pipe table that is longer than the text is wide makes pandoc look at the dashes; widths.lua sets them anew.
    return "\n".join([line(head), line("---" for _ in head), *map(line, rows), "", f": {caption}", ""])


# --- commands of the terminal ------------------------------------------------------------------------------------------

def command_rows(facts):
    """("reception paper KIND", "what it does") from the program's help in Japanese."""
    rows, name = [], None
    for line in facts.run(facts.build / "apps/terminal/uketsuke", "--help").split("\n\n")[1].splitlines():
        found = re.match(r"  (\S.*?)(?:  +(.*))?$", line)
        if not line.startswith("   ") and found:
            name = found.group(1)
            if found.group(2):
                rows.append((name, found.group(2)))
        else:
            rows.append((name, line.strip()))
    return rows


def commands(facts):
    return table("端末のコマンド", ("コマンド", "内容"), [(f"`{name}`", what) for name, what in command_rows(facts)])


# --- what people are told ----------------------------------------------------------------------------------------------

def state_table(facts):
    return json.loads(facts.run(facts.build / "tests/terminal/print-states"))


SEVERITIES = {"calm": "平常", "attention": "注意", "patient": "この患者は受付不可", "desk": "受付全体が停止"}


def plain(text):
    """A value that the program fills in, and what it leaves out without one."""
    return re.sub(r"\{[^}]*\}", "…", text).replace("[", "").replace("]", "")


def state_words(facts):
    rows = [(plain(row["staff"]["ja"]), plain(row["next"]["ja"]) or "なし", SEVERITIES[row["severity"]])
            for row in state_table(facts)["rows"] if row["counter"] and row["staff"]["ja"]]
    return table("受付の画面の言葉と次の操作", ("画面の言葉", "次の操作", "程度"), dict.fromkeys(rows))


def reasons(facts):
    rows = [(f"`{row['reason']}`", plain(row["staff"]["ja"])) for row in state_table(facts)["rows"] if row["staff"]["ja"]]
    return table("理由の語(`--json` の `reason`)", ("語", "意味"), rows)


# --- calls of the services ---------------------------------------------------------------------------------------------

CALLS = {
    "/status": "時刻と受入れの可否",
    "/reconcile-slot": "この医療機関の照合に空きがある時刻",
    "/institution-authentication": "PFの鍵によるカードの認証(60秒の会話を開く)",
    "/fhir/CoverageEligibilityRequest/$submit": "オンライン資格確認",
    "/fhir/CoverageEligibilityRequest/$pre-check": "以前に認証した患者の事前一括照会",
    "/fhir": {"pf": "オフライン証跡の一括照合", "history": "受診記録の登録"},
    "/visit-batch": "受診記録の一括登録",
    "/terminals": "端末の登録(署名した導入報告による)",
    "/time-beacon": "署名した時刻",
}


def calls(facts):
    rows = []
    for service, words in (("pf", "PF"), ("history", "受診履歴")):
        paths = json.loads(facts.text(f"docs/interfaces/uketsuke-{service}.openapi.json"))["paths"]
        for path, methods in paths.items():
            if path not in CALLS:
                raise SystemExit(f"delivery/data.py: the call {path} of {service} has no words in CALLS")
            what = CALLS[path]
            for method in sorted(set(methods) & {"get", "post", "put", "delete"}):
                rows.append((words, f"`{method.upper()} {path}`", what if isinstance(what, str) else what[service],
                             ", ".join(sorted(methods[method]["responses"]))))
    return table("HTTPの呼出し", ("サービス", "呼出し", "内容", "応答"), rows)


# --- libraries, requirements -------------------------------------------------------------------------------------------

def markdown_rows(text, heads=()):
    """The cells of every table row that is no head."""
    for line in text.splitlines():
        if line.startswith("| ") and not line.startswith("|---"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            if cells[0] not in heads:
                yield cells


def libraries(facts):
    part = facts.text("docs/licences.md").split("\n## What they need")[0]
    rows = [(cells[0], cells[1], cells[2], cells[3]) for cells in markdown_rows(part, ("library",))]
    return table("リンクするライブラリとライセンス", ("ライブラリ", "Debian 12", "Debian 13", "ライセンス"), rows)


def requirement_rows(facts):
    """(id, tender's words, what it is, where, shown by, state) in the tender's order, from two tables that share the ids."""
    told = {cells[0]: cells[1:] for cells in markdown_rows(facts.text("docs/requirements.md"), ("id",))}
    for cells in markdown_rows(facts.text("docs/ja/requirements.md"), ("番号",)):
        _, where, shown, _ = told[cells[0]]
        yield cells[0], cells[1], where, shown, cells[2], cells[3]


def requirements(facts):
    rows = [(name, words, state, remark) for name, words, _, _, state, remark in requirement_rows(facts)]
    return table("要求事項と対応", ("番号", "調達仕様の記載", "状態", "説明"), rows)


# --- the trial ---------------------------------------------------------------------------------------------------------

def demo(facts):
    path = facts.top / "demo-out/summary.json"
    if not path.exists():
        return "実証の記録がまだありません。`./demo` を実行してから作り直してください。\n"
    told = json.loads(path.read_text("utf-8"))
    rows = [(i + 1, step["result"], {"ok": "良"}.get(step["outcome"], "否"), step["ms"], step["apdus"], step["bytes"])
            for i, step in enumerate(told["steps"])]
    return table("実証の各手順(" + told["started"][:10] + " 実施)",
                 ("番号", "結果", "判定", "時間(ミリ秒)", "APDU数", "バイト数"), rows)


# --- tests -------------------------------------------------------------------------------------------------------------

def test_results(name):
    return lambda facts: table(*stages.results(facts, name))


MAKERS = {
    "commands": commands, "states": state_words, "reasons": reasons, "calls": calls, "libraries": libraries,
    "requirements": requirements, "demo": demo,
    "stages": lambda facts: table(*stages.summary(facts)),
    "test-conditions": lambda facts: table(*stages.conditions(facts)),
    **{f"results-{name}": test_results(name) for name in stages.STAGES},
}
