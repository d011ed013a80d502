-- Numbers figures and tables by chapter (図2-1, 表2-1), as a Japanese customer expects, and begins chapters on a new page.
--
-- SPDX-FileCopyrightText: 2026 The Uketsuke contributors
-- SPDX-License-Identifier: LGPL-2.1-or-later
local chapter, tables, figures = 0, 0, 0

local function label(kind, number, inlines)
  local words = pandoc.Inlines(pandoc.Str(kind .. chapter .. "-" .. number .. "\u{3000}"))
  words:extend(inlines)
  return words
end

local function visit(block)
  if block.t == "Header" and block.level == 1 then
    chapter, tables, figures = chapter + 1, 0, 0
    return block
  end
  if block.t == "Table" and #block.caption.long > 0 then
    tables = tables + 1
    block.caption.long[1] = pandoc.Plain(label("表", tables, block.caption.long[1].content))
    return block
  end
  if block.t == "Para" and #block.content == 1 and block.content[1].t == "Image" then
    figures = figures + 1
    local image = block.content[1]
    image.caption = label("図", figures, image.caption)
    return pandoc.Para({image})
  end
  return block
end

function Pandoc(document)
  for i, block in ipairs(document.blocks) do
    document.blocks[i] = visit(block)
  end
  return document
end
