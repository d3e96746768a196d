-- For wrk: asks for what stands in a file, one "path<TAB>Accept-Encoding" a line, over and over. The requests are made before the run.
-- Usage: wrk … -s list.lua URL -- FILE
dofile(debug.getinfo(1, "S").source:match("^@(.*)list.lua$") .. "report.lua")

local requests = {}
local at = 0

function init(args)
  for line in io.lines(args[1]) do
    local path, encoding = line:match("^(%S+)\t(.+)$")
    wrk.headers["Accept-Encoding"] = encoding
    requests[#requests + 1] = wrk.format("GET", path)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
