"""The stages of testing, each with the programs that belong to it and what their last run in a build folder has left: the
files .trs of Automake's harness. A number is counted there, or the program was not run."""
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
import collections
import datetime
import platform
import re
import subprocess

JAPAN = datetime.timezone(datetime.timedelta(hours=9))

Stage = collections.namedtuple("Stage", "name folders what")
STAGES = {
    "unit": Stage("単体試験", ("tests/unit",), "部品ごとの試験"),
    "integration": Stage("結合試験", ("tests/ca", "tests/cards", "tests/evidence", "tests/pkcs11", "tests/reader", "tests/se",
                                  "tests/services", "tests/strangers", "tests/upstream"),
                         "カード、リーダー、SE、モジュール、サービスのそれぞれを本物の部品と組み合わせる試験"),
    "system": Stage("総合試験", ("tests/terminal", "tests/relay", "tests/screen", "tests/screen/browser", "tests/lab"),
                    "端末、中継サーバー、画面、サービスを通した業務の試験"),
    "evaluation": Stage("評価", ("tests/security", "tests/robustness", "tests/fuzz", "tests/mutants", "tests/build", "tests"),
                        "攻撃、障害、でたらめな入力、試験そのもの、文書と規約の評価"),
    "demonstration": Stage("実証評価", ("tests/demo",), "2018年の実証試験の再現"),
}

Program = collections.namedtuple("Program", "name result passed failed at")
NOT_RUN = "未実施"


def programs(facts, stage):
    """A Program for each test of the stage; at: when it was run, seconds since 1970."""
    for folder in stage.folders:
        place = facts.top / folder
        for path in sorted([*place.glob("*.test"), *place.glob("test-*.c")]):
            name = f"{folder}/{path.name.removesuffix('.c')}"
            yield read(name, facts.build / folder / (path.stem + ".trs"))


def read(name, path):
    if not path.exists():
        return Program(name, NOT_RUN, 0, 0, None)
    lines = path.read_text("utf-8", errors="replace")
    counts = collections.Counter(re.findall(r"^:test-result: ([A-Z]+)", lines, re.M))
    whole = re.search(r"^:global-test-result: ([A-Z]+)", lines, re.M)
    # Whatever is neither passed nor expected has failed: a skipped test, too.
    failed = sum(counts.values()) - counts["PASS"]
    good = whole is not None and whole.group(1) == "PASS" and failed == 0 and counts["PASS"] > 0
    return Program(name, "良" if good else "否", counts["PASS"], failed, path.stat().st_mtime)


def summary_row(facts, stage):
    all_of_it = list(programs(facts, stage))
    count = collections.Counter(program.result for program in all_of_it)
    return (stage.name, stage.what, len(all_of_it), count["良"], count["否"], count[NOT_RUN],
            sum(program.passed for program in all_of_it), sum(program.failed for program in all_of_it))


def summary(facts):
    head = ("段階", "内容", "本数", "良", "否", NOT_RUN, "検査の合格", "不合格")
    return "試験の段階と結果", head, [summary_row(facts, stage) for stage in STAGES.values()]


def results(facts, name):
    stage = STAGES[name]
    rows = [(f"`{program.name.removeprefix('tests/')}`", program.result, program.passed, program.failed)
            for program in programs(facts, stage)]
    return f"{stage.name}の結果", ("試験プログラム", "判定", "検査の合格", "不合格"), rows


def git(facts, *words):
    told = subprocess.run(["git", "-C", facts.top, *words], capture_output=True, text=True)
    return told.stdout.strip() if told.returncode == 0 else ""


def in_japan(seconds):
    return datetime.datetime.fromtimestamp(seconds, JAPAN).strftime("%Y年%m月%d日 %H時%M分")


def conditions(facts):
    """When and on what the programs were run, and whether that was this very edition."""
    times = [program.at for stage in STAGES.values() for program in programs(facts, stage) if program.at is not None]
    commit, committed = git(facts, "rev-parse", "--short=12", "HEAD"), git(facts, "log", "-1", "--format=%ct")
    if not times:
        run, age = NOT_RUN, ""
    else:
        run = f"{in_japan(min(times))} から {in_japan(max(times))} まで"
        older = sum(1 for at in times if committed and at < int(committed))
        age = f"{len(times)}件のうち{older}件は、この版を確定する前に実施した" if older else "すべてこの版で実施した"
    rows = [("基本ソフトウェア", platform.freedesktop_os_release()["PRETTY_NAME"]), ("処理装置", platform.machine()),
            ("版", facts.version), ("ソースの版(コミット)", f"`{commit}`" if commit else "不明"), ("実施", run)]
    return "試験の条件", ("事項", "内容"), rows + ([("結果の新しさ", age)] if age else [])
