import { readsLog } from './log-scripts.ts';
import { script } from './script.ts';

/*
 * A row is a hash. A record is two fields of it: the variant has the description and the head, and the variant with a `c` the content, where that is of one piece. The description is text of
 * fixed width, so that scripts and clients read it alike:
 *
 *     0   1    version
 *     1   16   the log that its generation is a number of
 *     17  16   wall time at which it is of no more use, in milliseconds, by the clock of the server
 *     33  16   bytes of its content
 *     49  16   the name of its content, in the keys of the pieces; `-` and spaces where it has none but that in the row
 *     65  16   wall time at which it was put, in microseconds
 *
 * A change of this is another version: what has an unknown one is not read.
 */
export const descriptionVersion = '1';
export const descriptionBytes = 81;
export const noPieces = '-'.padEnd(16);

const now = `
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`;

/** Whether all pieces of a record are there: a server that is short of memory takes keys away one by one. */
const isWhole = `
local function isWhole(value, piece)
  local name = string.sub(value, 50, 65)
  if name == '${noPieces}' then return true end
  local count = math.ceil(tonumber(string.sub(value, 34, 49)) / piece)
  for first = 0, count - 1, 1000 do
    local keys = {}
    for index = first, math.min(first + 1000, count) - 1 do
      keys[#keys + 1] = KEYS[1] .. ':' .. name .. ':' .. string.format('%.0f', index)
    end
    if redis.call('EXISTS', unpack(keys)) ~= #keys then return false end
  end
  return true
end
`;

/**
 * Reads the records of a row: how much is fetched is bounded here, where its size is known. With the log as a second key, what that says of itself comes along.
 * ARGV: most bytes of a head, most bytes of heads in all, most records, bytes of a piece; `only`, `some` or `heads`; variants. `only` these are read, with their content; with `some` all are, and of these, or a single one, their
 * content, too, and these before all others, as far as there is room; and with `heads` no content.
 * Replies: number of the last order or '', name of the log or '', wall time, and for each record variant, description with head, content or nil.
 */
export const readRow = script(`${now}${isWhole}${readsLog}
local found = {'', '', string.format('%.0f', now())}
if KEYS[2] then found[1], found[2] = stateOf(KEYS[2]) end
local row = KEYS[1]
if redis.call('HLEN', row) > 2 * tonumber(ARGV[3]) then return found end
local room = tonumber(ARGV[2])
local most = tonumber(ARGV[1])
local piece = tonumber(ARGV[4])
local isSingle = ARGV[5] == 'some' and redis.call('HLEN', row) <= 2
local read = {}
local function add(variant, withContent)
  if #variant ~= 16 or read[variant] then return end
  read[variant] = true
  local size = redis.call('HSTRLEN', row, variant)
  if size < ${descriptionBytes} or size > most + ${descriptionBytes} or size > room then return end
  local value = redis.call('HGET', row, variant)
  if not isWhole(value, piece) then return end
  room = room - size
  local content = withContent and redis.call('HSTRLEN', row, variant .. 'c') <= piece and redis.call('HGET', row, variant .. 'c')
  found[#found + 1] = variant
  found[#found + 1] = value
  found[#found + 1] = content
end
for index = 6, #ARGV do add(ARGV[index], true) end
if ARGV[5] ~= 'only' then
  for _, variant in ipairs(redis.call('HKEYS', row)) do add(variant, isSingle) end
end
return found
`);

/** The content in a row. ARGV: variant, most bytes, and what the description says of the content: with another, it is another. */
export const readContent = script(`
local there = redis.call('HGET', KEYS[1], ARGV[1])
if not there or string.sub(there, 50, ${descriptionBytes}) ~= ARGV[3] then return false end
if redis.call('HSTRLEN', KEYS[1], ARGV[1] .. 'c') > tonumber(ARGV[2]) then return false end
return redis.call('HGET', KEYS[1], ARGV[1] .. 'c')
`);

const keep = `${now}
local function keep(ms)
  if redis.call('PTTL', KEYS[1]) < ms then redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ms)) end
end
local function describe(log, ms, length, content)
  return string.format('${descriptionVersion}%s%016.0f%016.0f%s', log, now() + ms, length, content)
end
local function micros()
  local time = redis.call('TIME')
  return string.format('%016.0f', time[1] * 1000000 + time[2])
end
`;

/**
 * Puts a record in its place. ARGV: variant, log, ms to keep it, bytes of its content, name of that, head, the number of the last order that this knows of, or '', and the content, where that is of one piece. What other records of
 * the row are of no use any more go with it, now and then. Replies with the description of what was there, or ''; or 1, where nothing is put as the log, which is a second key then, has a later order.
 */
export const putRecord = script(`${keep}${readsLog}
local row = KEYS[1]
if KEYS[2] and ARGV[7] ~= '' then
  local last = stateOf(KEYS[2])
  if last ~= '' and tonumber(last) > tonumber(ARGV[7]) then return 1 end
end
local variant = ARGV[1]
local ms = tonumber(ARGV[3])
local kind = redis.call('TYPE', row).ok
if kind ~= 'hash' and kind ~= 'none' then redis.call('UNLINK', row) end
local fields = redis.call('HLEN', row)
if fields > 16 and fields % 8 < 2 then
  for _, field in ipairs(redis.call('HKEYS', row)) do
    if #field == 16 and (tonumber(string.sub(redis.call('HGET', row, field), 18, 33)) or 0) < now() then
      redis.call('HDEL', row, field, field .. 'c')
    end
  end
end
local before = redis.call('HGET', row, variant)
redis.call('HSET', row, variant, describe(ARGV[2], ms, tonumber(ARGV[4]), ARGV[5]) .. micros() .. ARGV[6])
if ARGV[8] then redis.call('HSET', row, variant .. 'c', ARGV[8]) else redis.call('HDEL', row, variant .. 'c') end
keep(ms)
return before and string.sub(before, 1, ${descriptionBytes}) or ''
`);

/**
 * Puts another head in the place of exactly that one, and keeps all of its content as long. ARGV: variant, head before, log, ms to keep it, bytes of a piece, head after.
 * Replies 1, or 0 where something else is there, or not all of the content.
 */
export const replaceHead = script(`${keep}
local before = redis.call('HGET', KEYS[1], ARGV[1])
if not before or string.sub(before, ${descriptionBytes + 1}) ~= ARGV[2] then return 0 end
local ms = tonumber(ARGV[4])
local length = tonumber(string.sub(before, 34, 49))
local name = string.sub(before, 50, 65)
local count = name == '${noPieces}' and 0 or math.ceil(length / ARGV[5])
for index = 0, count - 1 do
  local key = KEYS[1] .. ':' .. name .. ':' .. string.format('%.0f', index)
  local left = redis.call('PTTL', key)
  if left == -2 then return 0 end
  if left < ms then redis.call('PEXPIRE', key, ARGV[4]) end
end
redis.call('HSET', KEYS[1], ARGV[1], describe(ARGV[3], ms, length, string.sub(before, 50, 81)) .. ARGV[6])
keep(ms)
return 1
`);

/** Takes a record away; where a head is given, only with that one. ARGV: variant; head. Replies with the description of what was there, or ''. */
export const removeRecord = script(`
local before = redis.call('HGET', KEYS[1], ARGV[1])
if not before or (ARGV[2] and string.sub(before, ${descriptionBytes + 1}) ~= ARGV[2]) then return '' end
redis.call('HDEL', KEYS[1], ARGV[1], ARGV[1] .. 'c')
return string.sub(before, 1, ${descriptionBytes})
`);

/** Has keys expire after so many milliseconds; with a second argument, only those that would not before. Replies how many of them there are. */
export const expireKeys = script(`
local ms = tonumber(ARGV[1])
local there = 0
for _, key in ipairs(KEYS) do
  local left = redis.call('PTTL', key)
  if left ~= -2 then
    there = there + 1
    if not ARGV[2] or left < 0 or left > ms then redis.call('PEXPIRE', key, ARGV[1]) end
  end
end
return there
`);
