import { expect, test } from 'vitest';
import { prepare } from '../../../src/engine/respond.ts';
import { fieldValue } from '../../../src/http/fields.ts';
import { GrowingContent } from '../../../src/store/content.ts';
import { get, stored200, wall } from '../policy/messages.ts';

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
