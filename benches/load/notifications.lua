-- Notifications for wrk: Alertmanager's webhook payload, version 4, each of a group of its own.
--
--   wrk … -s notifications.lua URL -- RUN ALERTS POSTS RECEIVERS SENT
--
-- RUN tells one run's groups from another's on the same server: a repeated group would be a
-- duplicate, which is not stored. ALERTS is how many alerts a notification has. With POSTS, which
-- is not 0, each thread stops after so many answered notifications, and says so; otherwise wrk's duration ends
-- the run. With RECEIVERS, which is not 0, the posts go in turn to the receivers r0, r1, …, where
-- the URL has r0. SENT, where it is not empty, is a file that takes each group's id and the time,
-- in microseconds, at which its notification was sent.
--
-- The body is cut once where the group's id stands, so that a request costs one concatenation and
-- wrk takes as little of the machine as it can.

local ffi = require("ffi")
ffi.cdef("typedef struct { long s, us; } instant; int gettimeofday(instant *now, void *zone);")

local threads = 0

function setup(thread)
  thread:set("thread_number", threads)
  threads = threads + 1
end

-- `@` stands for the id of the notification's group.
local ALERT = [[{"status":"firing","labels":{"alertname":"KubePodCrashLooping",]]
  .. [["cluster":"prod-eu-1","container":"checkout","job":"kube-state-metrics",]]
  .. [["namespace":"shop-@","pod":"checkout-7d9f8b6c5-%s","prometheus":"monitoring/k8s",]]
  .. [["severity":"critical","team":"shop"},]]
  .. [["annotations":{"description":"Pod shop-@/checkout-7d9f8b6c5-%s (checkout) is in waiting ]]
  .. [[state (reason: \"CrashLoopBackOff\").",]]
  .. [["runbook_url":"https://runbooks.prometheus-operator.dev/runbooks/kubernetes/]]
  .. [[kubepodcrashlooping","summary":"Pod is crash looping."},]]
  .. [["startsAt":"2026-11-20T19:02:%02d.123Z","endsAt":"0001-01-01T00:00:00Z",]]
  .. [["generatorURL":"http://prometheus.example:9090/graph?g0.expr=max_over_time%%28]]
  .. [[kube_pod_container_status_waiting_reason%%7Breason%%3D%%22CrashLoopBackOff%%22%%7D]]
  .. [[%%5B5m%%5D%%29+%%3E%%3D+1&g0.tab=1","fingerprint":"%04x@"}]]

local NOTIFICATION = [[{"receiver":"campana","status":"firing","alerts":[%s],]]
  .. [["groupLabels":{"alertname":"KubePodCrashLooping","namespace":"shop-@"},]]
  .. [["commonLabels":{"alertname":"KubePodCrashLooping","cluster":"prod-eu-1",]]
  .. [["container":"checkout","job":"kube-state-metrics","namespace":"shop-@",]]
  .. [["prometheus":"monitoring/k8s","severity":"critical","team":"shop"},]]
  .. [["commonAnnotations":{"runbook_url":"https://runbooks.prometheus-operator.dev/runbooks/]]
  .. [[kubernetes/kubepodcrashlooping","summary":"Pod is crash looping."},]]
  .. [["routeLabels":{"team":"shop"},"externalURL":"http://alertmanager.example:9093",]]
  .. [["version":"4","groupKey":"{}/{team=\"shop\"}:{alertname=\"KubePodCrashLooping\", ]]
  .. [[namespace=\"shop-@\"}","truncatedAlerts":0,"notification_reason":"new alerts added"}]]

local function payload(alerts)
  local list = {}
  for number = 1, alerts do
    local pod = string.format("%05x", number * 7919)
    list[number] = string.format(ALERT, pod, pod, number % 60, number)
  end
  return (string.gsub(NOTIFICATION, "%%s", function() return table.concat(list, ",") end))
end

-- The texts between the ids, with an empty place for the id after each but the last.
local function cut(text)
  local pieces = {}
  for piece, mark in string.gmatch(text, "([^@]*)(@?)") do
    pieces[#pieces + 1] = piece
    if mark == "@" then pieces[#pieces + 1] = "" end
  end
  return pieces
end

local run, posts, receivers, times, pieces, rest
local sent, answered = 0, 0
local is_checked = false

local ID_BYTES = 12

function init(arguments)
  run = arguments[1]
  posts = tonumber(arguments[3])
  receivers = tonumber(arguments[4])
  times = arguments[5] ~= "" and assert(io.open(arguments[5], "w"))
  local body = payload(tonumber(arguments[2]))
  local _, marks = string.gsub(body, "@", "")
  pieces = cut(body)
  rest = string.format(
    " HTTP/1.1\r\nHost: %s:%s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
    wrk.host, wrk.port, #body + marks * (ID_BYTES - 1))
  -- wrk calls `response` only where there is one, and a run without it is cheaper.
  if posts > 0 then response = count end
end

local function now_us()
  local now = ffi.new("instant")
  ffi.C.gettimeofday(now, nil)
  return string.format("%d%06d", tonumber(now.s), tonumber(now.us))
end

-- The request with this id, which is ID_BYTES long so that every body has the same length.
local function written(path, id)
  for place = 2, #pieces - 1, 2 do pieces[place] = id end
  return "POST " .. path .. rest .. table.concat(pieces)
end

function request()
  -- wrk asks its first thread for one request that it only reads and never sends.
  if not is_checked and thread_number == 0 then
    is_checked = true
    return written(wrk.path, string.rep("0", ID_BYTES))
  end
  if posts > 0 and sent >= posts then return "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n" end
  local id = string.format("%s%01x%07x", run, thread_number, sent)
  local path = wrk.path
  if receivers > 0 then path = string.gsub(path, "/r0/", "/r" .. sent % receivers .. "/") end
  if times then times:write(id, " ", now_us(), "\n") end
  sent = sent + 1
  return written(path, id)
end

-- With POSTS: the thread ends when every notification is answered, not before. wrk itself goes on
-- to the end of its duration, unless who started it interrupts it at this line.
function count(status, _, body)
  if status ~= 200 or string.find(body, '"notification"', 1, true) then answered = answered + 1 end
  if answered >= posts then
    if times then times:flush() end
    io.write("ANSWERED\n")
    io.flush()
    wrk.thread:stop()
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    "RESULT requests=%d seconds=%.6f p50_us=%d p99_us=%d max_us=%d "
    .. "status=%d connect=%d read=%d write=%d timeout=%d\n",
    summary.requests, summary.duration / 1e6,
    latency:percentile(50), latency:percentile(99), latency.max,
    errors.status, errors.connect, errors.read, errors.write, errors.timeout))
end
