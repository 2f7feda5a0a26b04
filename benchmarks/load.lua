-- For wrk: sends requests in rotation, or walks page by page, and prints one line of JSON at the end.
--
--     wrk ... URL -- BODIES [NAME VALUE]...
--
-- BODIES is a file of request bodies, one a line, sent one after the other by all connections of a thread. A body that
-- holds "@after@" begins a walk: each thread (with one connection) takes the line of its own number, and the cursor of
-- an answer goes into the next request until an answer has none or says that nothing follows.
local bodies, at, walking, cursor = {}, 0, false, nil
local threads = 0

function setup(thread)
  thread:set("number", threads) -- a global of the thread's own state
  threads = threads + 1
end

function init(args)
  for line in io.lines(args[1]) do bodies[#bodies + 1] = line end
  wrk.method = "POST"
  wrk.headers["content-type"] = "application/json"
  for i = 2, #args, 2 do wrk.headers[args[i]] = args[i + 1] end
  walking = bodies[1]:find('"@after@"', 1, true) ~= nil
  if not walking then response = nil end
end

function request()
  if not walking then
    at = at % #bodies + 1
    return wrk.format(nil, nil, nil, bodies[at])
  end
  local body = bodies[number % #bodies + 1]
  local after = cursor and '"' .. cursor .. '"' or "null"
  return wrk.format(nil, nil, nil, (body:gsub('"@after@"', (after:gsub("%%", "%%%%")))))
end

function response(status, headers, body)
  cursor = body:match('"endCursor":"([^"]+)"') or body:match('"scrollId":"([^"]+)"')
  if body:find('"hasNextPage":false', 1, true) then cursor = nil end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"bytes":%d,"seconds":%.6f,"p50":%.3f,"p99":%.3f,"failed":%d}\n',
    summary.requests, summary.bytes, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
