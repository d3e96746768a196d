import { expect, test } from 'vitest';
import { overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith, type SeenRequest } from '../harness/recording-origin.ts';

/** Names that look like those of files for everyone, by which an origin serves somebody's own page (web cache deception). */
const names = `
  /account/x.css /account;x.css /account%3fx.css /account%3Fx.css /account%00.css /account%0a.css
  /account%23x.css /account%2fx.css /account/x.js /account/favicon.ico /account/robots.txt /static/x.css
  /assets/account.png /account.css /account?x.css /account//x.css /index.html
`
  .trim()
  .split(/\s+/);

function ownPage({ values }: SeenRequest): string {
  return `the page of ${values('cookie').join() || values('authorization').join() || 'nobody'}`;
}

const longAgo = 'Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT';

overBothLanes(() => {
  test.each([
    ['Cookie: user=alice', 'by a cookie', []],
    ['Cookie: user=alice', 'by a cookie, of an old file', [longAgo]],
    ['Authorization: Basic YWxpY2U=', 'by Authorization', []],
    ['Authorization: Basic YWxpY2U=', 'by Authorization, of an old file', [longAgo]],
  ])('%s: what is somebody’s own %s is nobody else’s, whatever it is called', async (credentials, _, lines) => {
    const stage = await proxyStage((request) => responseWith(ownPage(request), lines));
    for (const name of names) {
      const own = await stage.get(name, [credentials]);
      expect(own.content).toBe(`the page of ${credentials.slice(credentials.indexOf(':') + 2)}`);
      expect(own.field('cache-status')).not.toContain('stored');
      expect((await stage.get(name)).content, name).toBe('the page of nobody');
    }
    expect(stage.origin.seen).toHaveLength(2 * names.length);
  });

  test('what an origin says nothing about is asked for each time, by whatever name and by whomever', async () => {
    const stage = await proxyStage((request) => responseWith(ownPage(request)));
    for (const name of names) for (let asked = 0; asked < 2; asked++) await stage.get(name);
    expect(stage.origin.seen).toHaveLength(2 * names.length);
  });
});
