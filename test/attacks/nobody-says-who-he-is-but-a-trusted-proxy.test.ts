import { expect, test } from 'vitest';
import { overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith, type SeenRequest } from '../harness/recording-origin.ts';

const fresh = 'Cache-Control: max-age=600';
const claimed = 'evil.test';

const claims = `
  X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Port X-Forwarded-Prefix X-Forwarded-Server X-Forwarded-User
  X-Forwarded-For Forwarded X-Real-IP X-Original-URL X-Rewrite-URL X-HTTP-Method-Override X-HTTP-Method
  X-Method-Override
`
  .trim()
  .split(/\s+/);

/** Believes all that it is told. */
function page(request: SeenRequest): string {
  const told = claims.map((name) => `${name}=${request.values(name.toLowerCase()).join()}`);
  return responseWith(told.join('\n'), [fresh]);
}

overBothLanes(() => {
  test.each(claims)('a stranger’s %s reaches nobody, and changes nothing of what is stored', async (name) => {
    const stage = await proxyStage(page);
    const claiming = await stage.get('/', [`${name}: ${claimed}`]);
    expect(stage.origin.seen[0]?.raw).not.toContain(claimed);
    expect((await stage.get('/')).content).toBe(claiming.content);
    expect(stage.origin.seen).toHaveLength(1);
    const other = await proxyStage(page);
    expect((await other.get('/')).content).toBe(claiming.content);
  });

  test('what is asked for is what the request line and Host say, also for a trusted proxy', async () => {
    const stage = await proxyStage(page, { trustProxy: ['127.0.0.0/8'] });
    const lines = claims.filter((name) => !/For$|Real|^Forwarded/.test(name)).map((name) => `${name}: ${claimed}`);
    await stage.get('/page', lines);
    const [seen] = stage.origin.seen;
    expect([seen?.method, seen?.target, seen?.values('x-forwarded-host')]).toEqual(['GET', '/page', ['shop.test']]);
    expect((await stage.get('/page')).content).not.toContain(claimed);
  });

  test('a trusted proxy tells of its client, and a peer in no list does not', async () => {
    const line = ['X-Forwarded-For: 203.0.113.7'];
    const believed = await proxyStage(page, { trustProxy: ['127.0.0.0/8'] });
    await believed.get('/', line);
    expect(believed.origin.seen[0]?.values('x-forwarded-for')).toEqual(['203.0.113.7, 127.0.0.1']);
    const elsewhere = await proxyStage(page, { trustProxy: ['10.0.0.0/8'] });
    await elsewhere.get('/', line);
    expect(elsewhere.origin.seen[0]?.values('x-forwarded-for')).toEqual(['127.0.0.1']);
  });
});
