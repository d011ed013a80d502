# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# Checks JSON against a schema of an OpenAPI 3.1 document, as far as docs/interfaces/*.openapi.json use JSON Schema.
#   jq -n --slurpfile api FILE --slurpfile body FILE --argjson schema SCHEMA -f openapi.jq     prints the problems, a line each
def resolve($s): if $s["$ref"] then $api[0] | getpath($s["$ref"] | ltrimstr("#/") | split("/")) | resolve(.) else $s end;

def has_type($value; $type): ($value | type) as $t |
  $t == $type or ($type == "integer" and $t == "number" and ($value | floor) == $value);

def problems($schema; $path): . as $value | resolve($schema) as $s | (
  (if $s | has("const") then select($value != $s.const) | "is not \($s.const | tojson)" else empty end),
  (if $s.enum then select($s.enum | index([$value]) | not) | "is none of \($s.enum | tojson)" else empty end),
  (if $s.type then select(has_type($value; $s.type) | not) | "is no \($s.type)" else empty end),
  (if $value | type == "string" then
    (if $s.pattern then select($value | test($s.pattern) | not) | "does not match \($s.pattern)" else empty end),
    (if $s.minLength then select(($value | length) < $s.minLength) | "is too short" else empty end),
    (if $s.maxLength then select(($value | length) > $s.maxLength) | "is too long" else empty end)
  else empty end),
  (if $value | type == "array" then
    (if $s.minItems then select(($value | length) < $s.minItems) | "has too few items" else empty end),
    (if $s.maxItems then select(($value | length) > $s.maxItems) | "has too many items" else empty end)
  else empty end),
  (if $s.oneOf then [$s.oneOf[] as $one | [$value | problems($one; $path)] | select(length == 0)] | select(length != 1) |
    "fits \(length) of the alternatives" else empty end)
  | "\($path) \(.)"),
  (if $value | type == "object" then
    (($s.required // [])[] as $name | select($value | has($name) | not) | "\($path).\($name) is missing"),
    (($s.properties // {}) | to_entries[] as $p | select($value | has($p.key)) | $value[$p.key] |
      problems($p.value; "\($path).\($p.key)"))
  else empty end),
  (if $value | type == "array" then
    range($value | length) as $i | ($s.prefixItems[$i]? // $s.items // {}) as $item |
      $value[$i] | problems($item; "\($path)[\($i)]")
  else empty end);

$body[0] | problems($schema; "body")
