-- Asks for names out of a file, one a line.
--   random FILE          any of them, again and again
--   below FILE START     a host name never asked for below any of them; START numbers the first one
--   each FILE START      one after another, none twice; START: how many to leave out
-- Ends with one line of JSON.

local names, mode, at = {}, "", 0

function init(args)
  mode = args[1]
  for line in io.lines(args[2]) do names[#names + 1] = line end
  at = tonumber(args[3] or 0)
  math.randomseed(tonumber(args[4] or 1))
end

function request()
  local name
  if mode == "each" then
    at = at + 1
    name = names[(at - 1) % #names + 1]
  else
    name = names[math.random(#names)]
    if mode == "below" then
      at = at + 1
      name = "s" .. at .. "." .. name
    end
  end
  return wrk.format("GET", "/" .. name)
end

function done(summary, latency, requests)
  local errors = summary.errors
  print(string.format(
    '{"requests":%d,"seconds":%.6f,"failed":%d,"p50":%.4f,"p99":%.4f,"p999":%.4f,"most":%.4f}',
    summary.requests, summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency:percentile(99.9) / 1e3, latency.max / 1e3))
end
