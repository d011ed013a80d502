// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Names of things on the staff's page. What happens is said in the words of the table of states, which the core sends.
const TEXTS = {
  title: ["受付 職員画面", "Reception: staff"],
  refresh: ["状態を確認", "Check the state"],
  logout: ["ログアウト", "Log out"],
  login: ["ログイン", "Log in"],
  loginHelp: ["オペレータカードを入れ、暗証番号を入力してください。", "Insert your operator card and type its PIN."],
  pin: ["暗証番号", "PIN"],
  answer: ["受付の結果", "Reception"],
  receive: ["受け付ける", "Receive"],
  again: ["もう一度受け付ける", "Receive once more"],
  print: ["印刷", "Print"],
  today: ["今日の受付", "Receptions of today"],
  work: ["対応が必要な受付", "Receptions that need attention"],
  found: ["見つかった受付", "Receptions found"],
  find: ["氏名・カナ・生年月日・番号で探す", "Find by name, kana, birth date, number"],
  search: ["探す", "Find"],
  done: ["対応済みにする", "Mark as done"],
  show: ["表示", "Show"],
  nobody: ["該当する受付はありません。", "There is no reception."],
  stopped: ["停止しました。自動で再起動中です。30秒で戻らなければ管理者に連絡してください。",
    "The terminal has stopped and is being restarted. If it is not back within 30 seconds, tell the administrator."],
  ready: ["受付できます。カードを置いてもらってください。", "Ready. Have the card put down."],
  unknown: ["氏名不明", "name unknown"],
  next: ["次にすること: ", "Next: "],
  connection: ["接続", "Connection"],
  online: ["オンライン", "online"],
  offline: ["オフライン", "offline"],
  core: ["端末", "Terminal"],
  there: ["動作中", "running"],
  gone: ["停止", "stopped"],
  clock: ["時刻", "Clock"],
  se: ["認証用チップ", "Security chip"],
  readers: ["リーダー", "Readers"],
  waiting: ["送信待ち", "Waiting to be sent"],
  operator: ["担当", "Operator"],
  none: ["なし", "none"],
  good: ["正常", "good"],
  missing: ["なし", "missing"],
  name: ["氏名", "Name"],
  kana: ["カナ", "Kana"],
  birthDate: ["生年月日", "Birth date"],
  sex: ["性別", "Sex"],
  male: ["男", "male"],
  female: ["女", "female"],
  other: ["その他", "other"],
  insurer: ["保険者", "Insurer"],
  insurerNumber: ["保険者番号", "Insurer's number"],
  burdenRatio: ["負担割合", "Patient's share"],
  receptionNumber: ["受付番号", "Reception number"],
  hospitalNumber: ["診察券番号", "Hospital number"],
  department: ["診療科", "Department"],
  at: ["受付時刻", "Received at"],
  reception: ["受付", "reception"],
  doctor: ["医師", "doctor"],
  administrator: ["管理者", "administrator"],
  confirmed: ["確定", "CONFIRMED"],
  "provisional-a": ["暫定A", "PROVISIONAL A"],
  "provisional-b": ["暫定B", "PROVISIONAL B"],
  "provisional-c": ["暫定C", "PROVISIONAL C"],
  refused: ["受付できません", "NOT RECEIVED"],
  attention: ["確認してください", "PLEASE CHECK"],
};

export function text(name, language) {
  const both = TEXTS[name];
  return both === undefined ? name : both[language === "en" ? 1 : 0];
}

export function hasText(name) {
  return TEXTS[name] !== undefined;
}
