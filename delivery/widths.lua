-- Gives each column of a table a width by its longest cell: a word processor would break "3-3③a" over two lines. East Asian
-- characters count two.
--
-- SPDX-FileCopyrightText: 2026 The Uketsuke contributors
-- SPDX-License-Identifier: LGPL-2.1-or-later
local LEAST, MOST = 11, 46

local function width_of(text)
  local width = 0
  for _, code in utf8.codes(text) do
    width = width + (code > 0x2E7F and 2 or 1)
  end
  return width
end

local function note(widths, row)
  for i, cell in ipairs(row.cells) do
    local width = width_of(pandoc.utils.stringify(cell.contents))
    widths[i] = math.max(widths[i] or LEAST, math.min(width + 1, MOST))
  end
end

function Table(block)
  local widths, sum = {}, 0
  for _, row in ipairs(block.head.rows) do note(widths, row) end
  for _, body in ipairs(block.bodies) do
    for _, row in ipairs(body.body) do note(widths, row) end
  end
  for _, width in ipairs(widths) do sum = sum + width end
  for i, spec in ipairs(block.colspecs) do
    block.colspecs[i] = {spec[1], widths[i] / sum}
  end
  return block
end
