import { expect, test } from 'vitest';
import { overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { cleanRefusal, refusal } from '../harness/refusals.ts';
import { readResponses } from '../harness/strict-messages.ts';

const upgrades = [
  ['websocket', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'],
  ['h2c', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'],
  ['what it does not name in Connection', 'Upgrade: websocket\r\n'],
] as const;

overBothLanes(() => {
  test.each(['shop.test:443', '127.0.0.1:22', '/a', 'http://shop.test/'])(
    'by CONNECT for %s, and nothing behind it passes',
    async (target) => {
      const stage = await proxyStage(() => responseWith('never'));
      const status: unknown = expect.toBeOneOf([400, 405]);
      expect(await refusal(stage, `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`)).toEqual({
        ...cleanRefusal,
        status,
      });
    },
  );

  test.each(upgrades)('by a request for %s: the origin does not hear of it, nor of what follows', async (_, lines) => {
    const stage = await proxyStage(({ target }) => responseWith(target));
    const bytes = `GET /a HTTP/1.1\r\nHost: shop.test\r\n${lines}\r\nGET /smuggled HTTP/1.1\r\nHost: shop.test\r\n\r\n`;
    const { messages, rest, fault } = readResponses(await stage.exchange(bytes), ['GET'], true);
    expect([messages.map(({ content }) => content), rest, fault]).toEqual([['/a'], '', undefined]);
    const [seen, ...more] = stage.origin.seen;
    expect([seen?.target, seen?.values('upgrade'), seen?.values('http2-settings'), more]).toEqual(['/a', [], [], []]);
  });

  test.each(upgrades)('by an origin that switches after a request for %s', async (_, lines) => {
    const stage = await proxyStage(
      () => 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nraw bytes',
    );
    const received = await stage.exchange(`GET /a HTTP/1.1\r\nHost: shop.test\r\n${lines}\r\n`);
    const { messages, rest, fault } = readResponses(received, ['GET'], true);
    expect([messages.map(({ startLine }) => startLine), rest, fault]).toEqual([
      ['HTTP/1.1 502 Bad Gateway'],
      '',
      undefined,
    ]);
    expect(received).not.toContain('raw bytes');
    await Promise.all(stage.origin.connections.map(({ closed }) => closed));
  });
});
