/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ca_people.h"

#include <string.h>

#define HEALTH_SOCIETY .insurer_number = "06990014", .insurer_name = "例示健康保険組合"
#define ASSOCIATION .insurer_number = "01990019", .insurer_name = "見本健康保険協会"
#define ELDERLY .insurer_number = "39990015", .insurer_name = "例示県後期高齢者医療広域連合"
#define LIVING_IN_TOKYO .prefecture = "Tokyo-to", .city = "Mihon-shi"
#define LIVING_IN_EXAMPLE .prefecture = "Reiji-ken", .city = "Reiji-shi"

/* patient-1 leaves the health society for the association at the turn of the month (persons.c puts the dates in). */
static const coverage new_job = {ASSOCIATION,    .symbol = "71100027",   .number = "31",
                                 .branch = "00", .relationship = "self", .burden_ratio = "0.3"};

/* clang-format off */
const person people[] = {
    {.id = "patient-1",
     .x509 = {.name = "見本　花子", .address = "東京都見本市例示町一丁目2番3号", .birth = "1985-04-12", LIVING_IN_TOKYO},
     .kana = "ミホン　ハナコ",
     .municipality = "13999",
     .postal_code = "000-0002",
     .coverages = {{HEALTH_SOCIETY, .symbol = "1234", .number = "567890", .branch = "01", .relationship = "self",
                    .from = "2019-04-01", .burden_ratio = "0.3"}},
     .after_change_of_job = &new_job},
    {.id = "patient-2",
     .x509 = {.name = "例示　太郎", .address = "例示県例示市見本台4番5号", .birth = "1972-11-03", .sex = '1',
              LIVING_IN_EXAMPLE},
     .kana = "レイジ　タロウ",
     .municipality = "99201",
     .postal_code = "000-0001",
     .coverages = {{HEALTH_SOCIETY, .symbol = "1234", .number = "600321", .branch = "00", .relationship = "self",
                    .from = "2015-10-01", .burden_ratio = "0.3", .limit = "ウ"}}},
    {.id = "patient-revoked",
     .x509 = {.name = "失効　一郎", .address = "東京都見本市例示町二丁目1番1号", .birth = "1990-01-20", .sex = '1',
              LIVING_IN_TOKYO},
     .kana = "シッコウ　イチロウ",
     .municipality = "13999",
     .coverages = {{ASSOCIATION, .symbol = "71100031", .number = "5", .branch = "00", .relationship = "self",
                    .from = "2020-04-01", .burden_ratio = "0.3"}}},
    {.id = "patient-expired",
     .x509 = {.name = "期限　次郎", .address = "東京都見本市例示町二丁目1番2号", .birth = "1961-06-30", .sex = '1',
              LIVING_IN_TOKYO},
     .kana = "キゲン　ジロウ",
     .municipality = "13999",
     .coverages = {{ASSOCIATION, .symbol = "71100031", .number = "6", .branch = "00", .relationship = "self",
                    .from = "2012-04-01", .burden_ratio = "0.3"}}},
    {.id = "patient-not-yet-valid",
     .x509 = {.name = "未来　三奈", .address = "例示県例示市見本台9番9号", .birth = "2004-09-15", LIVING_IN_EXAMPLE},
     .kana = "ミライ　ミナ",
     .municipality = "99201",
     .coverages = {{HEALTH_SOCIETY, .symbol = "1240", .number = "11", .branch = "02", .relationship = "family",
                    .from = "2023-04-01", .burden_ratio = "0.3"}}},
    {.id = "elderly",
     .x509 = {.name = "長寿　キヨ", .address = "例示県例示市本町1番1号", .birth = "1941-02-28", LIVING_IN_EXAMPLE},
     .kana = "チョウジュ　キヨ",
     .municipality = "99201",
     .coverages = {{ELDERLY, .symbol = "", .number = "04567123", .branch = "", .relationship = "self",
                    .from = "2016-02-28", .burden_ratio = "0.1"}}},
    {.id = "child",
     .x509 = {.name = "見本　ひかり", .address = "東京都見本市例示町一丁目2番3号", .birth = "2019-08-08", LIVING_IN_TOKYO},
     .kana = "ミホン　ヒカリ",
     .municipality = "13999",
     .postal_code = "000-0002",
     .public_expense = {"81990017", "1234567", "見本市子ども医療費助成", "2019-08-08"},
     .coverages = {{HEALTH_SOCIETY, .symbol = "1234", .number = "567890", .branch = "02", .relationship = "family",
                    .from = "2019-08-08", .burden_ratio = "0.2"}}},
    {.id = "lost-coverage",
     .x509 = {.name = "喪失　四郎", .address = "例示県例示市本町7番2号", .birth = "1988-12-01", .sex = '1',
              LIVING_IN_EXAMPLE},
     .kana = "ソウシツ　シロウ",
     .municipality = "99201",
     .coverages = {{ASSOCIATION, .symbol = "71100044", .number = "8", .branch = "00", .relationship = "self",
                    .from = "2018-04-01", .to = "2024-03-31", .burden_ratio = "0.3",
                    .loss_reason = "employment-ended"}}},
    {.id = "two-coverages",
     .x509 = {.name = "重複　五月", .address = "東京都見本市例示町三丁目3番3号", .birth = "1979-05-05", LIVING_IN_TOKYO},
     .kana = "チョウフク　サツキ",
     .municipality = "13999",
     .coverages = {{ASSOCIATION, .symbol = "71100055", .number = "12", .branch = "00", .relationship = "self",
                    .from = "2021-04-01", .burden_ratio = "0.3"},
                   {HEALTH_SOCIETY, .symbol = "1299", .number = "77", .branch = "03", .relationship = "family",
                    .from = "2022-10-01", .burden_ratio = "0.3"}}},
    {.id = "no-coverage",
     .x509 = {.name = "未加　六実", .address = "例示県例示市本町8番8号", .birth = "1995-07-07", LIVING_IN_EXAMPLE},
     .kana = "ミカ　ムツミ",
     .municipality = "99201"},
    /* Characters outside JIS X 0208: two variants of common ones, and one that has none. */
    {.id = "patient-rare-kanji",
     .x509 = {.name = "髙﨑　𩸽子", .address = "例示県例示市髙台1番1号", .birth = "1969-03-03", LIVING_IN_EXAMPLE,
              .substituted_name = "高崎　●子", .substituted_address = "例示県例示市高台1番1号"},
     .kana = "タカサキ　ホッケコ",
     .municipality = "99201",
     .coverages = {{ASSOCIATION, .symbol = "71100066", .number = "21", .branch = "00", .relationship = "self",
                    .from = "2017-04-01", .burden_ratio = "0.3"}}},
};
/* clang-format on */
const size_t people_count = sizeof people / sizeof people[0];

const person *person_find(const char *id) {
    for (size_t i = 0; i < people_count; i++)
        if (strcmp(people[i].id, id) == 0)
            return &people[i];
    return NULL;
}
