-- Each request creates a session of two people. SERVICE is the path of the service, AUTHORIZATION the header of that name.
local threads = 0

function setup(thread)
  thread:set("id", threads)
  threads = threads + 1
end

function init()
  count = 0
  headers = {
    ["Authorization"] = os.getenv("AUTHORIZATION"),
    ["Content-Type"] = "application/x-www-form-urlencoded",
  }
  path = os.getenv("SERVICE") .. "/Sessions"
end

function request()
  count = count + 1
  local participant = "&Participants=%%7B%%22Identifier%%22%%3A%%22%%2B1212%d%06d%%22%%7D"
  local body = string.format("UniqueName=ride-%d-%d", id, count)
  for half = 1, 2 do
    body = body .. string.format(participant, id * 2 + half, count)
  end
  return wrk.format("POST", path, headers, body)
end

function done(summary)
  io.write(string.format("refused: %d\n", summary.errors.status))
end
