import { script } from './script.ts';

/*
 * The log of orders is one sorted set, so that it is lost as a whole or not at all. Each order is a member, `instance:nonce:text`, at its number; outside it is told as `number:instance:nonce:text`. Three more members are below 0: `n` with the name
 * of the log, the time at which it was begun in microseconds; `l` and `f` with the greatest numbers that were lost and forgotten (`Remembered`). Who are alive are in another sorted set, at the
 * wall time of their last sign of life in milliseconds.
 *
 * A log that is not there is begun anew, under another name. Numbers are never smaller than the time: after a loss they go on above all that there were.
 */

/** Reads the log with that key: number of the last order and its name, both '' where there is none. */
export const readsLog = `
local function marks(log)
  local found = redis.call('ZRANGEBYSCORE', log, -3, -1)
  if #found < 3 then return nil end
  return {name = string.sub(found[1], 2), lost = string.sub(found[2], 2), forgotten = string.sub(found[3], 2)}
end
local function stateOf(log)
  local there = marks(log)
  if not there then return '', '' end
  local last = redis.call('ZREVRANGE', log, 0, 0, 'WITHSCORES')[2]
  return tonumber(last) < tonumber(there.forgotten) and there.forgotten or last, there.name
end
`;

const common = `${readsLog}
local log = KEYS[1]
local function micros()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end
local function text(number) return string.format('%.0f', number) end
local function tell(channel, number, member)
  redis.call('ZADD', log, number, member)
  redis.call('PUBLISH', channel, number .. ':' .. member)
end
local function begun()
  if marks(log) then return end
  redis.call('DEL', log)
  redis.call('ZADD', log, -3, 'n' .. text(micros()), -2, 'l0', -1, 'f0')
end
local function mark(score, letter, number)
  redis.call('ZREMRANGEBYSCORE', log, score, score)
  redis.call('ZADD', log, score, letter .. number)
end
local function forgot(number)
  if tonumber(marks(log).forgotten) < tonumber(number) then mark(-1, 'f', number) end
end
`;

/** Replies: number of the last order, name of the log; both '' where there is none. */
export const headOfLog = script(`${readsLog}
return {stateOf(KEYS[1])}
`);

/**
 * Gives an order, and tells it. KEYS: log, instances. ARGV: instance, nonce, order, channel, most orders, ms to keep the log, ms for which who gave a sign of life is alive, and a number that it must be
 * greater than, whatever this server knows. Orders that are older than the log is kept are forgotten: no record is.
 * Replies: its number, name of the log, and who is alive.
 */
export const appendOrder = script(`${common}
begun()
local number = text(math.max(tonumber((stateOf(log))) + 1, ARGV[8] + 1, micros()))
tell(ARGV[4], number, ARGV[1] .. ':' .. ARGV[2] .. ':' .. ARGV[3])
local old = redis.call('ZREVRANGEBYSCORE', log, text(micros() - ARGV[6] * 1000), 0, 'WITHSCORES', 'LIMIT', 0, 1)[2]
if old then
  redis.call('ZREMRANGEBYSCORE', log, 0, old)
  forgot(old)
end
local over = redis.call('ZCARD', log) - 3 - ARGV[5]
if over > 0 then
  local lost = redis.call('ZRANGE', log, over + 2, over + 2, 'WITHSCORES')[2]
  redis.call('ZREMRANGEBYRANK', log, 3, over + 2)
  mark(-2, 'l', lost)
  forgot(lost)
end
redis.call('PEXPIRE', log, ARGV[6])
return {number, marks(log).name, unpack(redis.call('ZRANGEBYSCORE', KEYS[2], text(micros() / 1000 - ARGV[7]), '+inf'))}
`);

/**
 * The orders after a number, the oldest first. ARGV: number, most of them.
 * Replies: the greatest numbers that were lost and forgotten, both '' where there is no log; and the orders, as they are told.
 */
export const ordersSince = script(`${common}
local there = marks(log)
if not there then return {'', ''} end
local found = redis.call('ZRANGEBYSCORE', log, '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
local reply = {there.lost, there.forgotten}
for index = 1, #found, 2 do reply[#reply + 1] = text(found[index + 1]) .. ':' .. found[index] end
return reply
`);

/** Forgets orders. ARGV: their numbers. */
export const forgetOrders = script(`${common}
local there = marks(log)
local greatest = there and tonumber(there.forgotten)
for _, number in ipairs(there and ARGV or {}) do
  if redis.call('ZREMRANGEBYSCORE', log, number, number) > 0 then greatest = math.max(greatest, tonumber(number)) end
end
if there and greatest > tonumber(there.forgotten) then mark(-1, 'f', text(greatest)) end
return 1
`);

/**
 * Gives orders back that the log has lost, and tells them again. ARGV: channel, ms to keep the log, and the orders, as they are told.
 * One that was lost while the log went on, as where a server took over that had not heard of it, comes behind those that were given since: who knows these would not look for it among older ones.
 */
export const restoreOrders = script(`${common}
begun()
local there = marks(log)
local lost = tonumber(there.lost)
local surely = math.max(tonumber(there.forgotten), tonumber(there.name))
for index = 3, #ARGV do
  local number, member = string.match(ARGV[index], '^(%d+):(.*)$')
  if tonumber(number) > lost and not redis.call('ZSCORE', log, member) then
    local last = tonumber((stateOf(log)))
    if tonumber(number) > surely and tonumber(number) <= last then number = text(math.max(last + 1, micros())) end
    tell(ARGV[1], number, member)
  end
end
redis.call('PEXPIRE', log, ARGV[2])
return 1
`);

/**
 * A sign of life, which the instance hears itself, if it hears. KEYS: log, instances. ARGV: instance, its channel, ms to keep the log, ms for which who gave a sign of life is alive.
 * Replies: number of the last order, name of the log.
 */
export const beat = script(`${common}
begun()
local now = micros() / 1000
redis.call('ZADD', KEYS[2], text(now), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', text(now - 60 * ARGV[4]))
redis.call('PEXPIRE', log, ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
redis.call('PUBLISH', ARGV[2], 'beat')
return {stateOf(log)}
`);
