import { describe, expect, test } from 'vitest';
import { overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { cleanRefusal, refusal } from '../harness/refusals.ts';

const chunks = '3\r\nabc\r\n0\r\n\r\n';

/** RFC 9112 §6.1, §6.3 and §11.2; RFC 9110 §8.6. Where the RFC lets a recipient mend it, we do not: the next one may mend it otherwise. */
const framings: readonly (readonly [framing: string, lines: readonly string[], content: string])[] = [
  ['a length, then a coding', ['Content-Length: 3', 'Transfer-Encoding: chunked'], chunks],
  ['a coding, then a length', ['Transfer-Encoding: chunked', 'Content-Length: 3'], chunks],
  ['two lengths', ['Content-Length: 3', 'Content-Length: 4'], 'abcd'],
  ['the same length twice', ['Content-Length: 3', 'Content-Length: 3'], 'abc'],
  ['the same length twice in a line', ['Content-Length: 3, 3'], 'abc'],
  ['two codings lines', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], chunks],
  ['a coding that nobody knows', ['Transfer-Encoding: xchunked'], chunks],
  ['identity', ['Transfer-Encoding: identity'], 'abc'],
  ['identity after chunked', ['Transfer-Encoding: chunked, identity'], chunks],
  ['an empty member before chunked', ['Transfer-Encoding: ,chunked'], chunks],
  ['gzip and chunked', ['Transfer-Encoding: gzip, chunked'], chunks],
  ['a vertical tab before chunked', ['Transfer-Encoding: \u000bchunked'], chunks],
  ['a coding on a folded line', ['Transfer-Encoding:\r\n chunked'], chunks],
  ['a coding with a parameter', ['Transfer-Encoding: chunked;q=1'], chunks],
  ['a quoted coding', ['Transfer-Encoding: "chunked"'], chunks],
  ['a coding behind a space before its colon', ['Transfer-Encoding : chunked'], chunks],
  [
    'a coding named with an underscore, and a length',
    ['Transfer_Encoding: chunked', 'Content-Length: 3', 'Content-Length: 5'],
    chunks,
  ],
];

/** RFC 9110 §8.6: `1*DIGIT`, and no more than can be counted. */
const lengths = [
  '',
  '+5',
  '-1',
  '0x5',
  '5 5',
  '1_0',
  '5.0',
  '1e1',
  '18446744073709551616',
  '99999999999999999999999999',
  '5;5',
  '5\t5',
  '٥',
];

overBothLanes(() => {
  describe.each(['POST', 'GET'])('%s', (method) => {
    test.each(framings)('with %s', async (_, lines, content) => {
      const stage = await proxyStage(() => responseWith('never', ['Cache-Control: max-age=60']));
      const head = [`${method} /a HTTP/1.1`, 'Host: shop.test', ...lines, '', ''].join('\r\n');
      const status: unknown = expect.toBeOneOf([400, 501]);
      expect(await refusal(stage, head + content)).toEqual({ ...cleanRefusal, status });
    });

    test.each(lengths)('with the length %j', async (length) => {
      const stage = await proxyStage(() => responseWith('never', ['Cache-Control: max-age=60']));
      const bytes = `${method} /a HTTP/1.1\r\nHost: shop.test\r\nContent-Length: ${length}\r\n\r\nabcde`;
      expect(await refusal(stage, bytes)).toEqual({ ...cleanRefusal, status: 400 });
    });
  });
});
