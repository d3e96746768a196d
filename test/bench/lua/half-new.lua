-- For wrk: every second request is for another path, PREFIX followed by FIRST, FIRST + 1, …; those between for PREFIXkept-0 to PREFIXkept-(COUNT - 1), over and over.
-- Each connection pauses between its requests, so that the server is not what is waited for.
-- Usage: wrk … -s half-new.lua URL -- PREFIX FIRST COUNT PAUSE-MS
dofile(debug.getinfo(1, "S").source:match("^@(.*)half%-new.lua$") .. "report.lua")

local prefix
local first
local count
local pause
-- wrk makes one request that it does not send, to see whether it is one.
local turn = -1

function init(args)
  prefix = args[1]
  first = tonumber(args[2])
  count = tonumber(args[3])
  pause = tonumber(args[4])
end

function request()
  turn = turn + 1
  local half = math.floor(turn / 2)
  if turn % 2 == 0 then
    return wrk.format("GET", prefix .. string.format("%d", first + half))
  end
  return wrk.format("GET", prefix .. string.format("kept-%d", half % count))
end

function delay()
  return pause
end
