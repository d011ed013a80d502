-- Gives each column of a table a width by its longest cell: a word processor would break "3-3③a" over two lines. What fits
-- stays on one line; the long columns share what is left. East Asian characters count two.
--
-- SPDX-FileCopyrightText: 2026 The Uketsuke contributors
-- SPDX-License-Identifier: LGPL-2.1-or-later
local PAGE = 98    -- what a line of a table takes (finish.py: page and size of the letters)
local LATIN = 1.25 -- a letter or digit of the font; a Japanese one is 2
local MARGINS = 3  -- of a cell, left and right
local SHORT = 20   -- what is never broken

local function width_of(text)
  local width = 0
  for _, code in utf8.codes(text) do
    width = width + ((code > 0x2E7F or code > 0x245F and code < 0x2500) and 2 or LATIN)
  end
  return width
end

local function note(widths, row)
  for i, cell in ipairs(row.cells) do
    local width = width_of(pandoc.utils.stringify(cell.contents))
    widths[i] = math.max(widths[i] or 0, width + MARGINS)
  end
end

-- The long columns get what the short ones leave, by the square root of their length: the longest takes not all of it.
local function share(widths)
  local left, weights = PAGE, 0
  for _, width in ipairs(widths) do
    if width <= SHORT + MARGINS then left = left - width else weights = weights + math.sqrt(width) end
  end
  for i, width in ipairs(widths) do
    if width > SHORT + MARGINS then
      widths[i] = math.max(SHORT, math.min(width, left * math.sqrt(width) / weights))
    end
  end
end

function Table(block)
  local widths, sum = {}, 0
  for _, row in ipairs(block.head.rows) do note(widths, row) end
  for _, body in ipairs(block.bodies) do
    for _, row in ipairs(body.body) do note(widths, row) end
  end
  share(widths)
  for _, width in ipairs(widths) do sum = sum + width end
  for i, spec in ipairs(block.colspecs) do
    block.colspecs[i] = {spec[1], widths[i] / math.max(sum, PAGE)}
  end
  return block
end
