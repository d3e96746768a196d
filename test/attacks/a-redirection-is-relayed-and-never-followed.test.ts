import { expect, test } from 'vitest';
import { atEnd, overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { recordingOrigin, type RecordingOrigin, responseWith } from '../harness/recording-origin.ts';

async function elsewhere(): Promise<RecordingOrigin> {
  const origin = await recordingOrigin(() => responseWith('from elsewhere', ['Cache-Control: max-age=600']));
  atEnd(() => origin.close());
  return origin;
}

const statuses = [
  '301 Moved Permanently',
  '302 Found',
  '303 See Other',
  '307 Temporary Redirect',
  '308 Permanent Redirect',
];

overBothLanes(() => {
  test.each(statuses)('with %s, to whatever method', async (status) => {
    const other = await elsewhere();
    const location = `Location: ${other.url}/b`;
    const { get } = await proxyStage(() => responseWith('', [location, 'Cache-Control: max-age=600'], status));
    for (const [method, lines] of [
      ['GET', []],
      ['POST', ['Authorization: Basic secret', 'Content-Length: 0']],
      ['GET', []],
    ] as const) {
      const response = await get('/a', lines, method);
      expect([response.status, response.field('location')]).toEqual([Number(status.slice(0, 3)), `${other.url}/b`]);
    }
    expect(other.connections).toEqual([]);
  });

  test.each(statuses)('with %s in answer to a validation: the validators go nowhere else', async (status) => {
    const other = await elsewhere();
    const { get, origin } = await proxyStage(({ values }) =>
      values('if-none-match').length === 0
        ? responseWith('stored', ['Cache-Control: no-cache', 'ETag: "secret"'])
        : responseWith('', [`Location: ${other.url}/b`], status),
    );
    expect((await get('/a')).content).toBe('stored');
    expect((await get('/a')).status).toBe(Number(status.slice(0, 3)));
    expect(origin.seen.map(({ values }) => values('if-none-match'))).toEqual([[], ['"secret"']]);
    expect(other.connections).toEqual([]);
  });
});
