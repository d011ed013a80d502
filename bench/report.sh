# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# Rows of a measurement, as a table for people and as JSON for programs. Sourced (bash; needs jq).
#
#   bench_needs COMMENT                         the packages behind that comment line of packages-bench; 1 when some are missing
#   bench_begin FILE.json
#   bench_row NAME UNIT OURS PEER PEER-NAME GOAL [lower|higher [GOAL-IN-WORDS]]
#   bench_end                                   prints the table; 1 when a goal was missed
#
# Each row names the release that it was measured on ("debian 12"), so that files of several can be put together.
# ratio > 1: ours is better (lower: less is better); GOAL is the ratio wanted at least, 0: none.

# Names the apt-get line for what is missing of a section ("# make bench-cards").
bench_needs() {
  local missing
  missing=$(awk -v section="$1" '/^#/ { on = index($0, section); next } on' "$top_srcdir/packages-bench" |
    while read -r package; do
      dpkg-query -W -f '${db:Status-Status}\n' "$package" 2> /dev/null | grep -qx installed || echo "$package"
    done | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  echo "Programs to compare with are missing. As root: apt-get install --no-install-recommends ${missing% }" >&2
  return 1
}

bench_release=$(. /etc/os-release && echo "$ID ${VERSION_ID:-}")

bench_begin() {
  bench_file=$1
  : > "$bench_file.rows"
}

bench_row() {
  [ -n "$3" ] && [ -n "$4" ] || { echo "no figure: $1, $5" >&2; exit 1; }
  jq -nc --arg name "$1" --arg unit "$2" --argjson ours "$3" --argjson peer "$4" --arg peer_name "$5" --argjson goal "$6" \
    --arg better "${7:-higher}" --arg words "${8:-}" --arg release "$bench_release" '{release: $release, name: $name,
      unit: $unit, ours: $ours, peer: $peer, peer_name: $peer_name,
      ratio: ((if $better == "lower" then $peer / $ours else $ours / $peer end) * 1000 | round / 1000), goal: $goal} +
      if $words == "" then {} else {goal_in_words: $words} end' >> "$bench_file.rows"
}

bench_end() {
  jq -s . "$bench_file.rows" > "$bench_file"
  rm -f "$bench_file.rows"
  { printf 'figure\tunit\tours\tagainst\tby\tratio\tgoal\t\n'
    jq -r 'def figure: if . >= 100 then round else . * 100 | round / 100 end;
      .[] | [.name, .unit, (.ours | figure), (.peer | figure), .peer_name, (.ratio | figure),
        (if .goal == 0 then "-" else .goal_in_words // (.goal | figure) end),
        (if .goal == 0 then "" elif .ratio >= .goal then "reached" else "MISSED" end)] | @tsv' "$bench_file"; } | bench_columns
  jq -e 'all(.[]; .ratio >= .goal)' "$bench_file" > /dev/null
}

# Lines of fields between tabs, below each other.
bench_columns() {
  awk -F '\t' '
    { for (i = 1; i <= NF; i++) { cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i) } }
    END {
      for (row = 1; row <= NR; row++) {
        line = ""
        for (i = 1; i <= 8; i++)
          line = line sprintf("%" (i == 3 || i == 4 || i == 6 ? "" : "-") width[i] "s  ", cell[row, i])
        sub(/ +$/, "", line)
        print line
      }
    }'
}

# The middle of the numbers on standard input.
bench_median() {
  sort -g | awk '{ value[NR] = $1 } END { print NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2 }'
}
