import { expect, test } from 'vitest';
import { fieldsOf, fieldValue, withLine } from '../../../src/http/fields.ts';
import { stage } from './engine-stage.ts';

const strong = ['etag', '"x"'] as const;

/** The shelf holds the last five of ten bytes; a plain request has asked for the others. */
function lacking() {
  const play = stage();
  play.ask('/a', (exchange) => ({
    ...exchange,
    request: { ...exchange.request, fields: withLine(exchange.request.fields, 'range', 'bytes=5-') },
  }));
  const [part] = play.origin.arrivals;
  part?.head({
    status: 206,
    fields: fieldsOf(play.date, strong, ['cache-control', 'max-age=60'], ['content-range', 'bytes 5-9/10']),
  });
  part?.write(Buffer.from('FGHIJ'));
  part?.end();
  const sink = play.ask('/a');
  const missing = play.origin.arrivals[1];
  const lines = [play.date, strong, ['cache-control', 'max-age=60'], ['content-range', 'bytes 0-4/10']] as const;
  return { ...play, sink, missing, head: fieldsOf(...lines) };
}

test('a completion with more bytes than are missing breaks the answer off, and is not stored', () => {
  const { sink, missing, head, ask, origin } = lacking();
  missing?.head({ status: 206, fields: head });
  missing?.write(Buffer.from('abcdeX'));
  missing?.end();
  expect([sink.aborted, sink.ended]).toEqual([true, false]);
  ask('/a');
  expect(origin.arrivals).toHaveLength(3);
});

test('a completion with fewer bytes than are missing breaks off before a byte of the wrong place is sent', () => {
  const { sink, missing, head } = lacking();
  missing?.head({ status: 206, fields: head });
  missing?.write(Buffer.from('abc'));
  missing?.end();
  expect([sink.text, sink.aborted, sink.ended]).toEqual(['abc', true, false]);
});

test('a completion whose length is not that of what is missing is asked for anew', () => {
  const { missing, head, origin } = lacking();
  missing?.head({ status: 206, fields: withLine(head, 'content-length', '6') });
  expect(origin.arrivals).toHaveLength(3);
  expect(fieldValue(origin.arrivals[2]?.fields ?? fieldsOf(), 'range')).toBeUndefined();
});

test('a completion that fits makes the whole', () => {
  const { sink, missing, head, ask } = lacking();
  missing?.head({ status: 206, fields: head });
  missing?.write(Buffer.from('abcde'));
  missing?.end();
  expect([sink.text, sink.ended]).toEqual(['abcdeFGHIJ', true]);
  expect(ask('/a').text).toBe('abcdeFGHIJ');
});
