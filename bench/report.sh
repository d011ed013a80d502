# Rows of a measurement, as a table for people and as JSON for programs. Sourced (bash).
#
#   bench_begin FILE.json
#   bench_row NAME UNIT OURS PEER PEER-NAME GOAL [lower]     ratio > 1: ours is better; lower: less is better
#   bench_end                                                 prints the table; 1 when a goal was missed
bench_begin() {
  bench_file=$1
  : > "$bench_file.rows"
}

bench_row() {
  jq -nc --arg name "$1" --arg unit "$2" --argjson ours "$3" --argjson peer "$4" --arg peer_name "$5" --argjson goal "$6" \
    --arg better "${7:-higher}" '{name: $name, unit: $unit, ours: $ours, peer: $peer, peer_name: $peer_name,
      ratio: ((if $better == "lower" then $peer / $ours else $ours / $peer end) * 1000 | round / 1000), goal: $goal}' \
    >> "$bench_file.rows"
}

bench_end() {
  jq -s . "$bench_file.rows" > "$bench_file"
  rm -f "$bench_file.rows"
  { printf 'figure\tunit\tours\tagainst\tby\tratio\tgoal\t\n'
    jq -r '.[] | [.name, .unit, .ours, .peer, .peer_name, .ratio, .goal, (if .ratio >= .goal then "reached" else "MISSED" end)] | @tsv' \
      "$bench_file"; } | column -t -s "$(printf '\t')"
  jq -e 'all(.[]; .ratio >= .goal)' "$bench_file" > /dev/null
}

# The middle of the numbers on standard input.
bench_median() {
  sort -n | awk '{ value[NR] = $1 } END { print NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2 }'
}
