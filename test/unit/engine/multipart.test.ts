import { expect, test } from 'vitest';
import { Feed } from '../../../src/engine/feed.ts';
import { Multipart } from '../../../src/engine/multipart.ts';
import { prepare } from '../../../src/engine/respond.ts';
import { fieldValue, noFields } from '../../../src/http/fields.ts';
import { type Content, GrowingContent, WholeContent } from '../../../src/store/content.ts';
import { get, stored200, wall } from '../policy/messages.ts';
import { answerTo } from './answering.ts';
import { ContentElsewhere } from './content-elsewhere.ts';
import { RecordingSink } from './recording-sink.ts';

test('no two answers in several parts have the same boundary, so that no content can hold it', () => {
  const content = new GrowingContent(1_000);
  content.append(Buffer.alloc(1_000, 'a'));
  content.seal();
  const stored = stored200(['cache-control', 'max-age=60']);
  const boundaries = new Set<string | undefined>();
  for (let i = 0; i < 3; i++) {
    const { head } = prepare(
      get(['range', 'bytes=0-0,9-9']),
      { stored, content },
      { steady: () => stored.responseTime, wall: () => wall },
    );
    const type = fieldValue(head.fields, 'content-type');
    expect(type).toMatch(/^multipart\/byteranges; boundary=[0-9a-f]{36}$/);
    boundaries.add(type);
  }
  expect(boundaries.size).toBe(3);
});

test('several ranges of content that has to be brought are the same as those of content in memory', async () => {
  const text = Array.from({ length: 100 }, (_, index) => String(index).padStart(10, '.')).join('');
  const content = new ContentElsewhere(text, 64);
  const stored = stored200(['cache-control', 'max-age=60']);
  const which = {
    ranges: [
      { first: 100, last: 299 },
      { first: 990, last: 999 },
    ],
    boundary: 'boundary',
    offset: 0,
    length: 1_000,
  };
  const send = (source: Content): RecordingSink => {
    const sink = new RecordingSink();
    const answer = answerTo(sink);
    answer.head({ status: 206, fields: noFields }, { hit: true });
    new Feed(answer, new Multipart(stored, source, which), { first: 0, end: undefined }).pump();
    return sink;
  };
  const brought = send(content);
  await content.bring();
  expect(brought.ended).toBe(true);
  expect(brought.text).toBe(send(new WholeContent(Buffer.from(text))).text);
  expect(brought.text).toContain(text.slice(100, 300));
});
