"""The sheet of a terminal's acceptance: the report of `uketsuke accept`, verified and told in Japanese."""
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
import datetime
import pathlib
import re
import subprocess

import data

TOP = pathlib.Path(__file__).resolve().parent.parent
REPORT = "acceptance.json"
JAPAN = datetime.timezone(datetime.timedelta(hours=9))
RESULTS = {"good": "良", "failed": "否", "open": "未実施"}
SWITCHES = {True: "有効", False: "無効", None: "確認できず"}
UNIT = (("vendor", "製造者"), ("product", "機種"), ("productSerial", "製造番号"), ("firmware", "ファームウェア"),
        ("uefi", "UEFIによる起動"), ("secureBoot", "セキュアブート"), ("tpm", "TPMの版"), ("kernel", "カーネル"),
        ("operatingSystem", "基本ソフトウェア"), ("imageVersion", "端末イメージの版"), ("rootHash", "端末イメージのハッシュ値"))


class Unsigned(Exception):
    """A report whose signatures do not verify."""


def verify(folder, roots):
    """The number of signatures, all of them good. Unsigned: one is not, or something is missing."""
    report, signature = folder / REPORT, folder / (REPORT + ".p7s")
    for path in (report, signature, roots):
        if not path.is_file():
            raise Unsigned(f"{path} is missing")
    told = subprocess.run(["openssl", "cms", "-verify", "-cades", "-inform", "DER", "-binary", "-purpose", "any", "-in",
                           signature, "-content", report, "-CAfile", roots, "-out", "/dev/null"], capture_output=True, text=True)
    if told.returncode != 0:
        raise Unsigned(f"{report}: its signatures do not verify with {roots}:\n{told.stderr.strip()}")
    shown = subprocess.run(["openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", signature], check=True,
                           capture_output=True, text=True, errors="replace").stdout
    return shown.count("d.issuerAndSerialNumber")


def time_in_japan(text):
    """A time of the report (RFC 3339, UTC) on the clock in Japan."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(JAPAN)


def in_japan(text):
    return f"{time_in_japan(text):%Y年%m月%d日 %H時%M分}"


def catalogue():
    """The terminal's words in Japanese: a tester may have read others."""
    text = (TOP / "apps/terminal/po/ja.po").read_text("utf-8")
    return dict(re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', text, re.M))


def item_rows(report):
    words = catalogue()
    for number, item in enumerate(report["items"], 1):
        problem = item["problem"]
        ground = [words.get(problem, problem)] if problem else []
        if "auditRow" in item:
            ground.append(f"監査ログ{item['auditRow']}行 {in_japan(item['at'])}")
        if "subject" in item:
            ground.append(f"番号 {item['subject'][-8:]}")
        ids = " ".join(item["requirements"]).replace("-", "\u2011")  # which no line is broken at
        yield number, words.get(item["label"], item["label"]), ids, RESULTS[item["result"]], "、".join(ground) or "その場で検査"


def unit_rows(unit):
    for name, label in UNIT:
        value = unit[name]
        yield label, SWITCHES[value] if value is None or isinstance(value, bool) else value


def sheet(report, digest, signatures):
    """Markdown of one report."""
    counts = {word: sum(item["result"] == word for item in report["items"]) for word in RESULTS}
    facts = [("判定", "合格" if report["accepted"] else "不合格または未完了"), ("検査の日時", in_japan(report["at"])),
             ("端末", report["terminalId"]), ("医療機関コード", report["institutionCode"]), ("SEの製造番号", report["seSerial"]),
             ("プログラムの版", report["version"]), ("検査した管理者", report["testerId"]),
             ("項目", "、".join(f"{RESULTS[word]} {count}件" for word, count in counts.items()))]
    days = [report[name] for name in ("from", "to") if report[name]]
    if days:
        facts.append(("記録を調べた日", "から".join(days)))
    return "\n".join([
        "# 受入検査\n\n## 検査の結果\n", data.table("受入検査の結果", ("事項", "内容"), facts),
        "## 項目ごとの結果\n", data.table("受入検査の項目", ("番号", "項目", "要求事項", "結果", "根拠"), item_rows(report)),
        "## 端末の構成\n", data.table("端末の構成(記録)", ("事項", "内容"), unit_rows(report["unit"])),
        "## 署名\n",
        f"本書は、署名された報告書 `{REPORT}` から作成しました。",
        f"SEと検査した管理者のカードによる{signatures}個の署名を、OpenSSLで検証しました。\n",
        data.table("報告書の同一性", ("事項", "内容"), [("SHA-256", f"`{digest[:32]}` `{digest[32:]}`")])])
