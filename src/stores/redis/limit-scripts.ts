import { redisScript } from './redis-connection.ts';

/**
 * What all three scripts begin with. Time is the server's: clocks of processes differ. Every counter comes with seven
 * values: kind, amount, shadow, window, and three numbers of its shape (bucket: capacity, rate, unit; window: limit,
 * length; slots: limit). Numbers are written with `%.0f`, because Lua writes large ones as `1e+15`.
 */
const prelude = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local id = ARGV[1]
local lease = tonumber(ARGV[2])

local function whole(number) return string.format('%.0f', number) end

local function counterAt(index)
  local base = 2 + (index - 1) * 7
  return {
    key = KEYS[index],
    kind = ARGV[base + 1],
    amount = tonumber(ARGV[base + 2]),
    shadow = ARGV[base + 3] == '1',
    window = tonumber(ARGV[base + 4]),
    a = tonumber(ARGV[base + 5]),
    b = tonumber(ARGV[base + 6]),
    c = tonumber(ARGV[base + 7]),
  }
end

local function read(counter)
  if counter.kind == 'b' then
    local kept = redis.call('HMGET', counter.key, 'level', 'at')
    counter.level = counter.a
    if kept[1] and kept[2] then
      local elapsed = math.max(0, now - tonumber(kept[2]))
      counter.level = math.min(counter.a, tonumber(kept[1]) + elapsed * counter.b)
    end
  elseif counter.kind == 'w' then
    local kept = redis.call('HMGET', counter.key, 'used', 'ends')
    counter.used = 0
    counter.ends = now + counter.b
    if kept[1] and kept[2] and tonumber(kept[2]) > now then
      counter.used = tonumber(kept[1])
      counter.ends = tonumber(kept[2])
    end
  else
    redis.call('ZREMRANGEBYSCORE', counter.key, '-inf', whole(now))
    counter.used = redis.call('ZCARD', counter.key)
  end
end

local function write(counter)
  if counter.kind == 'b' then
    local full = math.ceil((counter.a - counter.level) / counter.b)
    redis.call('HSET', counter.key, 'level', whole(counter.level), 'at', whole(now))
    redis.call('PEXPIRE', counter.key, whole(full + 1000))
  elseif counter.kind == 'w' then
    redis.call('HSET', counter.key, 'used', whole(counter.used), 'ends', whole(counter.ends))
    redis.call('PEXPIREAT', counter.key, whole(counter.ends))
  else
    redis.call('ZADD', counter.key, whole(now + lease), id)
    redis.call('PEXPIRE', counter.key, whole(lease))
  end
end
`;

/** Looks at all counters, then takes from all of them or from none. Answers: taken, then four numbers a counter. */
export const takeScript = redisScript(`${prelude}
local counters = {}
local taken = 1
for index = 1, #KEYS do
  local counter = counterAt(index)
  read(counter)
  counter.wait = 0
  if counter.kind == 'b' then
    counter.wait = math.max(0, math.ceil((counter.amount * counter.c - counter.level) / counter.b))
  elseif counter.used + counter.amount > counter.a then
    counter.wait = counter.kind == 'w' and counter.ends - now or 1000
  end
  if counter.wait > 0 and not counter.shadow then taken = 0 end
  counters[index] = counter
end
local reply = { taken }
for index, counter in ipairs(counters) do
  if taken == 1 and counter.wait == 0 then
    if counter.kind == 'b' then
      counter.level = counter.level - counter.amount * counter.c
    else
      counter.used = counter.used + counter.amount
    end
    write(counter)
  end
  local base = 1 + (index - 1) * 4
  reply[base + 2] = counter.wait
  reply[base + 4] = 0
  if counter.kind == 'b' then
    reply[base + 1] = math.max(0, math.floor(counter.level / counter.c))
    reply[base + 3] = math.ceil((counter.a - counter.level) / counter.b)
  else
    reply[base + 1] = math.max(0, counter.a - counter.used)
    reply[base + 3] = 0
    if counter.kind == 'w' then
      reply[base + 3] = counter.ends - now
      reply[base + 4] = counter.ends
    end
  end
end
return reply
`);

/** Gives back what was not used, books what was used beyond, frees slots. `amount` is what was not used. */
export const settleScript = redisScript(`${prelude}
for index = 1, #KEYS do
  local counter = counterAt(index)
  if counter.kind == 's' then
    redis.call('ZREM', counter.key, id)
  else
    read(counter)
    if counter.kind == 'b' then
      counter.level = math.min(counter.a, counter.level + counter.amount * counter.c)
      write(counter)
    elseif counter.amount < 0 or counter.ends == counter.window then
      counter.used = math.max(0, counter.used - counter.amount)
      write(counter)
    end
  end
end
return 1
`);

/** Holds slots for another lease: the values are the lease, then whose slot each key's is. */
export const renewScript = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease = tonumber(ARGV[1])
for index, key in ipairs(KEYS) do
  redis.call('ZADD', key, string.format('%.0f', now + lease), ARGV[index + 1])
  redis.call('PEXPIRE', key, string.format('%.0f', lease))
end
return 1
`);
