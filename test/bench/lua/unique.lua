-- For wrk: every request is for another path, PREFIX followed by FIRST, FIRST + 1, …
-- Usage: wrk … -s unique.lua URL -- PREFIX FIRST
dofile(debug.getinfo(1, "S").source:match("^@(.*)unique.lua$") .. "report.lua")

local prefix
local number

function init(args)
  prefix = args[1]
  -- wrk makes one request that it does not send, to see whether it is one.
  number = tonumber(args[2]) - 1
end

function request()
  number = number + 1
  return wrk.format("GET", prefix .. string.format("%d", number))
end
