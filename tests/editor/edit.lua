-- Edits a broken policy in Neovim as a person would, and writes down what the editor showed.
-- $POLICY is the file, $SEEN where to write; the settings are those of docs/editors.md.
local policy, seen = vim.env.POLICY, {}

local function wait_for(what, condition)
  if not vim.wait(60000, condition, 20) then
    seen.missing = what
    vim.fn.writefile({ vim.json.encode(seen) }, vim.env.SEEN)
    vim.cmd.cquit()
  end
end

local function codes()
  return vim.tbl_map(function(found) return found.code end, vim.diagnostic.get(0))
end

vim.cmd.edit(policy)
wait_for('diagnostics', function() return #vim.diagnostic.get(0) > 0 end)
seen.before = codes()
seen.client = vim.lsp.get_clients()[1].name

wait_for('hints', function() return #vim.lsp.inlay_hint.get({ bufnr = 0 }) > 0 end)
seen.hint = vim.lsp.inlay_hint.get({ bufnr = 0 })[1].inlay_hint.label

vim.fn.search('PSCI_CPU_ON')
local hover = vim.lsp.buf_request_sync(0, 'textDocument/hover', vim.lsp.util.make_position_params(0, 'utf-16'), 60000)
seen.hover = vim.tbl_values(hover)[1].result

local found = vim.iter(vim.diagnostic.get(0)):find(function(each) return each.code == 'R205' end)
vim.api.nvim_win_set_cursor(0, { found.lnum + 1, found.col })
local tick = vim.b.changedtick
vim.lsp.buf.code_action({ apply = true, filter = function(action) return action.kind == 'quickfix' end })
wait_for('the fix', function() return vim.b.changedtick > tick end)
wait_for('the end of the finding', function() return not vim.tbl_contains(codes(), 'R205') end)
seen.after = codes()

vim.lsp.buf.format({ timeout_ms = 60000 })
vim.cmd.write()
vim.fn.writefile({ vim.json.encode(seen) }, vim.env.SEEN)
vim.cmd.quitall()
