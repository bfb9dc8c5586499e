-- Fires the shots of a file in turn, looks at every answer, and prints one line of JSON.
-- A shot is a line: path TAB cookie TAB address TAB body. "%d" in a body is a count that never repeats.
-- Arguments after "--": file, status expected, least size of a body, where to begin, what is accepted.

local threads = {}
local shots, at, count, expected, smallest, accept = {}, 0, 0, 0, 0, ""
wrong = 0
said = ""

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  for line in io.lines(args[1]) do
    local path, cookie, address, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
    table.insert(shots, { path, headers_of(cookie, address, args[5]), body ~= "" and body or nil })
  end
  expected, smallest = tonumber(args[2]), tonumber(args[3])
  at = tonumber(args[4])
  count = (os.time() % 100000) * 5000
end

function headers_of(cookie, address, accepted)
  local headers = { ["Accept"] = accepted }
  if cookie ~= "" then headers["Cookie"] = cookie end
  if address ~= "" then headers["X-Forwarded-For"] = address end
  return headers
end

function request()
  at = at % #shots + 1
  local path, headers, body = unpack(shots[at])
  if body == nil then
    return wrk.format("GET", path, headers)
  end
  count = count + 1
  headers["Content-Type"] = "application/x-www-form-urlencoded"
  return wrk.format("POST", path, headers, (body:gsub("%%d", tostring(count))))
end

function response(status, headers, body)
  if status ~= expected or #body < smallest then
    wrong = wrong + 1
    said = status .. " with " .. #body .. " bytes"
  end
end

function done(summary, latency)
  local errors, off, last = summary.errors, 0, ""
  for _, thread in ipairs(threads) do
    off = off + thread:get("wrong")
    if thread:get("said") ~= "" then last = thread:get("said") end
  end
  local shape = '{"requests": %d, "seconds": %.6f, "mean": %.4f, "p50": %.4f, "p95": %.4f, "p99": %.4f, "max": %.4f, '
    .. '"errors": %d, "wrong": %d, "said": "%s"}'
  print(string.format("RESULT " .. shape, summary.requests, summary.duration / 1e6, latency.mean / 1e3,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3,
    errors.connect + errors.read + errors.write + errors.timeout, off, last))
end
