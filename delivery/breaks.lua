-- A line break of the source beside a Japanese letter is nothing, not a space: also where the other side is a number or a word.
--
-- SPDX-FileCopyrightText: 2026 The Uketsuke contributors
-- SPDX-License-Identifier: LGPL-2.1-or-later
local JAPANESE = 0x2E80

local function letter(inline, last)
  local text = inline and pandoc.utils.stringify(inline) or ""
  if text == "" then return 0 end
  return utf8.codepoint(text, last and utf8.offset(text, -1) or 1)
end

function Inlines(inlines)
  local kept = pandoc.Inlines({})
  for i, inline in ipairs(inlines) do
    local joined = inline.t == "SoftBreak" and
      (letter(inlines[i - 1], true) >= JAPANESE or letter(inlines[i + 1], false) >= JAPANESE)
    if not joined then kept:insert(inline) end
  end
  return kept
end
