import { redisScript } from './redis-connection.ts';

/**
 * What the scripts begin with. Time is the server's: clocks of processes differ. Numbers are written with `%.0f`, because
 * Lua writes large ones as `1e+15`.
 *
 * A counter has three keys: a hash of what is spent (`s<slice>`) and held (`h<slice>`), the slices by date, and the leases
 * by end. A lease is `<slice>:<amount>:<id>`, so that whoever finds one that has run out knows what it held.
 *
 * The epoch tells whether the counters are still those this process has seen. It has a name, the date it began at, and a
 * number that grows with every change. Where it is missing, is another one, or its number has gone back, counters have
 * been lost: an empty server, or one with the state of an older day. A new epoch then begins, in which no counter of the
 * old one is believed.
 *
 * KEYS: the epoch, then three of each counter. ARGV: the epoch, date and number this process has seen last, a name for a
 * new epoch, the policy, then what the script takes.
 */
const prelude = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function whole(number) return string.format('%.0f', number) end

local function openEpoch()
  local kept = redis.call('HMGET', KEYS[1], 'id', 'at', 'lost', 'changes')
  local id, at, lost, changes = kept[1], tonumber(kept[2]), kept[3], tonumber(kept[4])
  local seen, seenAt, seenChanges = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
  local another = id and seen ~= '' and id ~= seen
  local back = id and seen ~= '' and (at < seenAt or (id == seen and changes < seenChanges))
  if not id or back then
    id, at, changes, lost = ARGV[4], now, 0, (seen ~= '' and '1' or '0')
    redis.call('HSET', KEYS[1], 'id', id, 'at', whole(at), 'lost', lost, 'changes', '0')
  elseif another and lost == '0' then
    lost = '1'
    redis.call('HSET', KEYS[1], 'lost', lost)
  end
  return { id = id, at = at, lost = lost, changes = changes }
end

local epoch = openEpoch()
local policy = ARGV[5]

local function changed() epoch.changes = redis.call('HINCRBY', KEYS[1], 'changes', 1) end

local function answer(kind, numbers)
  local reply = { epoch.id, whole(epoch.at), whole(epoch.changes), epoch.lost, whole(now), kind }
  for _, number in ipairs(numbers) do reply[#reply + 1] = whole(number) end
  return reply
end

local function forget(counter, slice)
  redis.call('HDEL', counter.sums, 's' .. slice, 'h' .. slice, 'e' .. slice)
  redis.call('ZREM', counter.slices, slice)
end

local function endLeases(counter)
  local ended = redis.call('ZRANGEBYSCORE', counter.leases, '-inf', whole(now))
  for _, lease in ipairs(ended) do
    local slice, amount = string.match(lease, '^(%-?%d+):(%d+):')
    redis.call('HINCRBY', counter.sums, 'h' .. slice, '-' .. amount)
    redis.call('ZREM', counter.leases, lease)
  end
end

local function open(index, values)
  local counter = {
    sums = KEYS[index * 3 - 1], slices = KEYS[index * 3], leases = KEYS[index * 3 + 1],
    since = tonumber(ARGV[values + 1]), slice = ARGV[values + 2], expiresAt = tonumber(ARGV[values + 3]),
  }
  local kept = redis.call('HMGET', counter.sums, 'epoch', 'known')
  if kept[1] and kept[1] ~= epoch.id then
    redis.call('DEL', counter.sums, counter.slices, counter.leases)
    kept = {}
  end
  counter.there = kept[1]
  counter.known = kept[2] == '1'
  if counter.there then endLeases(counter) end
  return counter
end

local function believed(counter)
  -- A period that began well after the epoch has been counted from its beginning; clocks differ by less than a minute.
  return counter.known or policy == 'zero' or (policy == 'refuse' and epoch.lost == '0')
    or counter.since >= epoch.at + 60000
end

local function state(counter)
  local spent, held = 0, 0
  local slices = redis.call('ZRANGEBYSCORE', counter.slices, whole(counter.since), '+inf')
  if #slices == 0 then return 0, 0 end
  local fields = {}
  for _, slice in ipairs(slices) do
    fields[#fields + 1] = 's' .. slice
    fields[#fields + 1] = 'h' .. slice
  end
  local kept = redis.call('HMGET', counter.sums, unpack(fields))
  for place = 1, #fields, 2 do
    spent = spent + (tonumber(kept[place]) or 0)
    held = held + (tonumber(kept[place + 1]) or 0)
  end
  return spent, held
end

local function add(counter, kind, amount)
  local slice = counter.slice
  redis.call('HSET', counter.sums, 'epoch', epoch.id, 'e' .. slice, whole(counter.expiresAt))
  redis.call('HINCRBY', counter.sums, kind .. slice, amount)
  redis.call('ZADD', counter.slices, slice, slice)
end

-- All three keys live equally long, at least as long as a call may be under way.
local function keep(counter, lease)
  local longest = math.max(counter.expiresAt - now, lease + 1000, 60000)
  if redis.call('PTTL', counter.sums) < longest then redis.call('PEXPIRE', counter.sums, whole(longest)) end
  local left = redis.call('PTTL', counter.sums)
  redis.call('PEXPIRE', counter.slices, whole(left))
  redis.call('PEXPIRE', counter.leases, whole(left))
end

local function sweep(counter)
  for _, slice in ipairs(redis.call('ZRANGE', counter.slices, 0, 1)) do
    local kept = redis.call('HMGET', counter.sums, 'e' .. slice, 'h' .. slice)
    if tonumber(kept[1] or 0) > now or tonumber(kept[2] or 0) > 0 then return end
    forget(counter, slice)
  end
end

local function unbelieved(counters)
  local indexes = {}
  for index, counter in ipairs(counters) do
    if not believed(counter) then indexes[#indexes + 1] = index - 1 end
  end
  return indexes
end
`;

/**
 * Takes id, most, least, lease, then since, slice, expiry and limit of each counter. Answers `reserved` and the amount,
 * `refused` with the index of a counter, spent and held, or `unknown` with the indexes of counters that are not believed.
 */
export const reserveScript = redisScript(`${prelude}
local id, most, least, lease = ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local counters = {}
for index = 1, (#KEYS - 1) / 3 do counters[index] = open(index, 9 + (index - 1) * 4) end
local unknown = unbelieved(counters)
if #unknown > 0 then return answer('unknown', unknown) end
local amount = most
for index, counter in ipairs(counters) do
  local spent, held = state(counter)
  local left = tonumber(ARGV[9 + index * 4]) - spent - held
  if left < least then return answer('refused', { index - 1, spent, held }) end
  amount = math.min(amount, left)
end
for _, counter in ipairs(counters) do
  sweep(counter)
  add(counter, 'h', whole(amount))
  redis.call('ZADD', counter.leases, whole(now + lease), counter.slice .. ':' .. whole(amount) .. ':' .. id)
  keep(counter, lease)
end
changed()
return answer('reserved', { amount })
`);

/**
 * The last key is the mark of what has been settled. Takes id, amount, used, how long the mark stays, then since, slice
 * and expiry of each counter. Answers with spent and held of each.
 */
export const settleScript = redisScript(`${prelude}
local id, amount, used = ARGV[6], ARGV[7], ARGV[8]
local first = redis.call('SET', KEYS[#KEYS], '1', 'NX', 'PX', ARGV[9])
local states = {}
for index = 1, (#KEYS - 2) / 3 do
  local counter = open(index, 9 + (index - 1) * 3)
  if first then
    if redis.call('ZREM', counter.leases, counter.slice .. ':' .. amount .. ':' .. id) == 1 then
      redis.call('HINCRBY', counter.sums, 'h' .. counter.slice, '-' .. amount)
    end
    if used ~= '0' then
      add(counter, 's', used)
      keep(counter, 0)
    end
  end
  states[index * 2 - 1], states[index * 2] = state(counter)
end
if first then changed() end
return answer('settled', states)
`);

/** Holds one reservation for another lease: keys and values as of a settlement, the lease in the place of the mark's. */
export const renewScript = redisScript(`${prelude}
local id, amount, lease = ARGV[6], ARGV[7], tonumber(ARGV[9])
if redis.call('EXISTS', KEYS[#KEYS]) == 1 then return answer('settled', {}) end
for index = 1, (#KEYS - 2) / 3 do
  local counter = open(index, 9 + (index - 1) * 3)
  local name = counter.slice .. ':' .. amount .. ':' .. id
  if not redis.call('ZSCORE', counter.leases, name) then add(counter, 'h', amount) end
  redis.call('ZADD', counter.leases, whole(now + lease), name)
  keep(counter, lease)
end
changed()
return answer('renewed', {})
`);

/** Takes since, slice and expiry of each counter. Answers with spent and held of each, or `unknown`. */
export const readScript = redisScript(`${prelude}
local counters = {}
for index = 1, (#KEYS - 1) / 3 do counters[index] = open(index, 5 + (index - 1) * 3) end
local unknown = unbelieved(counters)
if #unknown > 0 then return answer('unknown', unknown) end
local states = {}
for index, counter in ipairs(counters) do states[index * 2 - 1], states[index * 2] = state(counter) end
return answer('read', states)
`);

/**
 * Counts one counter anew: takes the epoch this was found out in, then since, slice, expiry and amount of each of its
 * slices. What has been settled in this epoch stays. Whoever comes second changes nothing.
 */
export const rebuildScript = redisScript(`${prelude}
local counter = open(1, 6)
if counter.known or epoch.id ~= ARGV[6] then return answer('known', {}) end
for values = 6, #ARGV - 4, 4 do
  counter.slice, counter.expiresAt = ARGV[values + 2], tonumber(ARGV[values + 3])
  add(counter, 's', ARGV[values + 4])
end
redis.call('HSET', counter.sums, 'known', '1')
keep(counter, 0)
changed()
return answer('rebuilt', {})
`);

/** One key: the thresholds claimed. Takes its expiry, then thresholds; answers with those that were not claimed. */
export const claimScript = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local fresh = {}
for index = 2, #ARGV do
  if redis.call('SADD', KEYS[1], ARGV[index]) == 1 then fresh[#fresh + 1] = ARGV[index] end
end
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.max(tonumber(ARGV[1]) - now, 60000)))
return fresh
`);
