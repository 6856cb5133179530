import { mostAuditRecords, mostChangesTold } from '../../auth/key-store.ts';
import { redisScript } from './redis-connection.ts';

/**
 * Where things stand, in the order in which every script is given the places.
 *
 * - `all` hash: id to the key as JSON
 * - `digests` hash: digest to id, of present and previous digests
 * - `ids` sorted set of one score: ids in the order of texts
 * - `teams` likewise, of `"team":id`, the team as JSON: the closing quote ends it
 * - `teamOf` hash: id to the team as JSON
 * - `changes` sorted set: id by the revision of its last change
 * - `revision` number of changes
 * - `audit` list of records as JSON, the latest first
 */
export const keyPlaces = ['all', 'digests', 'ids', 'teams', 'teamOf', 'changes', 'revision', 'audit'] as const;

const prelude = `
local all, digests, ids, teams = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local teamOf, changes, revision, audit = KEYS[5], KEYS[6], KEYS[7], KEYS[8]

local function note(record)
  redis.call('LPUSH', audit, record)
  redis.call('LTRIM', audit, 0, ${mostAuditRecords - 1})
end

local function keysOf(names)
  if #names == 0 then return {} end
  return redis.call('HMGET', all, unpack(names))
end
`;

/**
 * Values: id, the key as JSON, its version, its team as JSON ('' for none), the audit record, its digests. Answers 1, or 0
 * when nothing has changed.
 */
export const changeScript = redisScript(`${prelude}
local id, text, version, team, record = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local present = redis.call('HGET', all, id)
local before = present and cjson.decode(present)
if (before and before.version or 0) ~= version - 1 then return 0 end
for index = 6, #ARGV do
  local owner = redis.call('HGET', digests, ARGV[index])
  if owner and owner ~= id then return 0 end
end
if before then
  redis.call('HDEL', digests, before.digest)
  if before.previous then redis.call('HDEL', digests, before.previous.digest) end
  redis.call('ZREM', teams, (redis.call('HGET', teamOf, id) or '') .. ':' .. id)
  redis.call('HDEL', teamOf, id)
end
redis.call('HSET', all, id, text)
for index = 6, #ARGV do redis.call('HSET', digests, ARGV[index], id) end
redis.call('ZADD', ids, 0, id)
if team ~= '' then
  redis.call('ZADD', teams, 0, team .. ':' .. id)
  redis.call('HSET', teamOf, id, team)
end
redis.call('ZADD', changes, redis.call('INCR', revision), id)
note(record)
return 1
`);

/** Value: a digest. Answers the key as JSON, or nothing. */
export const findScript = redisScript(`${prelude}
local id = redis.call('HGET', digests, ARGV[1])
return id and redis.call('HGET', all, id)
`);

/** Value: an id. */
export const getScript = redisScript(`${prelude}
return redis.call('HGET', all, ARGV[1])
`);

/** Values: the id before the first ('' for none), how many, the team as JSON ('' for all). Answers keys as JSON. */
export const listScript = redisScript(`${prelude}
local after, count, team = ARGV[1], ARGV[2], ARGV[3]
if team == '' then
  return keysOf(redis.call('ZRANGEBYLEX', ids, after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, count))
end
local begin = team .. ':'
local names = redis.call('ZRANGEBYLEX', teams, '(' .. begin .. after, '(' .. team .. ';', 'LIMIT', 0, count)
for index, name in ipairs(names) do names[index] = string.sub(name, #begin + 1) end
return keysOf(names)
`);

/** Value: an audit record as JSON. */
export const noteScript = redisScript(`${prelude}
note(ARGV[1])
return 1
`);

/**
 * Values: how many, and what a record must contain ('' for anything). Answers records as JSON, the latest first. What is
 * looked for is looked for in the text, which takes a fraction of reading it; who asks looks again.
 */
export const auditScript = redisScript(`${prelude}
local count, part = tonumber(ARGV[1]), ARGV[2]
if part == '' then return redis.call('LRANGE', audit, 0, count - 1) end
local found, at = {}, 0
while #found < count do
  local records = redis.call('LRANGE', audit, at, at + 499)
  if #records == 0 then break end
  for _, record in ipairs(records) do
    if #found < count and string.find(record, part, 1, true) then found[#found + 1] = record end
  end
  at = at + 500
end
return found
`);

/**
 * Value: a revision ('' for none). Answers where the store is now, whether all changes are told (1 or 0), and the changed
 * keys as JSON. A revision that went back is a store that has lost what it held, or another one.
 */
export const changesScript = redisScript(`${prelude}
local now = tonumber(redis.call('GET', revision) or '0')
local since = tonumber(ARGV[1])
if not since or since == now then return { now, 1 } end
if now < since then return { now, 0 } end
local names = redis.call('ZRANGEBYSCORE', changes, '(' .. ARGV[1], '+inf', 'LIMIT', 0, ${mostChangesTold + 1})
if #names > ${mostChangesTold} then return { now, 0 } end
return { now, 1, unpack(keysOf(names)) }
`);
