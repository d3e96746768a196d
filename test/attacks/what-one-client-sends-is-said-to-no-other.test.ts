import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { overBothLanes, onShelves, proxyStage, shelves } from '../harness/proxy-stage.ts';
import { responseWith, type SeenRequest } from '../harness/recording-origin.ts';

/** Fields by which origins were led to say what one client wanted (RFC 9111 §7.1), and others that anybody may send. */
const names = `
  X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Port X-Forwarded-Prefix X-Forwarded-Server X-Forwarded-Scheme
  X-Forwarded-For X-Forwarded-Path X-Forwarded-Ssl X-Forwarded-User Forwarded X-Real-IP X-Host X-Original-URL
  X-Original-Host X-Rewrite-URL X-HTTP-Method-Override X-HTTP-Method X-Method-Override X-HTTP-Host-Override
  X-HTTP-Destinationurl X-Forwarded True-Client-IP X-Client-IP Client-IP X-Cluster-Client-IP CF-Connecting-IP
  Fastly-Client-IP X-Remote-Addr X-Remote-IP X-Originating-IP X-Wap-Profile Profile X-ProxyUser-Ip X-Proxy-URL
  X-Backend-Host X-Server-Name X-Url-Scheme Front-End-Https X-Requested-With X-Request-ID X-Correlation-ID
  X-Amzn-Trace-Id Traceparent Tracestate Baggage X-Api-Version X-Theme X-Debug X-Csrf-Token User-Agent Referer
  Origin Cookie Accept Accept-Language Accept-Encoding Accept-Charset From Via DNT Sec-CH-UA Save-Data If-Match
  Destination Proxy X-Uidh Pragma __proto__ constructor
`
  .trim()
  .split(/\s+/);

/** A host, a word, and what ends a text and begins another. */
function canaryFor(name: string, index: number): string {
  const forms = [`canary-${index}.evil.test`, `canary-${index}`, `canary-${index}"><i>`];
  return (name === 'Cookie' ? forms[2] : forms[index % 3]) ?? '';
}

/** All that a request has in fields of its own, but for what says who passed it on. */
function said({ fields }: SeenRequest): string {
  return fields.map(([, value]) => value).join(' | ');
}

const fresh = 'Cache-Control: max-age=600';

/** Where an origin repeats what it was told. */
const places: readonly (readonly [place: string, answer: (request: SeenRequest) => string])[] = [
  ['in a field', (request) => responseWith('page', [fresh, `X-Said: ${said(request)}`])],
  ['in content', (request) => responseWith(`<p>${said(request)}</p>`, [fresh])],
];

// How origins read and write what they are told.

function byHost(value: string): string {
  return `<a href="${new URL(`http://${value}`).href}">`;
}

function inScript(value: string): string {
  return `<script>name = ${JSON.stringify(value)}</script>`;
}

function decoded(value: string): string {
  return `<p>${decodeURIComponent(value)}</p>`;
}

function cookie(value: string): string {
  return decoded(/^a=(.*)/.exec(value)?.[1] ?? '');
}

function inUtf8(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}

function asIs(value: string): string {
  return value;
}

overBothLanes(() => {
  onShelves(shelves, (shelf) => {
    // What its fields say is known before anything goes to a shelf.
    test.each(shelf === 'memory' ? places : places.slice(1))(
      'what it said %s is never said to who asks next, and that is stored',
      async (_, answer) => {
        const stage = await proxyStage(answer);
        let repeated = 0;
        for (const [index, name] of names.entries()) {
          const canary = canaryFor(name, index);
          const own = await stage.ask(`/${index}`, [`${name}: ${canary}`]);
          if (own.includes(canary)) repeated += 1;
          expect(await stage.ask(`/${index}`), `${name}: ${canary}`).not.toContain(canary);
        }
        // Those that nobody is believed do not even reach the origin.
        expect(repeated).toBeGreaterThan(45);
        const asked = stage.origin.seen.length;
        for (const index of names.keys()) await stage.ask(`/${index}`);
        expect(stage.origin.seen.length - asked).toBe(0);
        expect(stage.origin.faults()).toEqual([]);
      },
    );
  });

  describe('by the coding of its content', () => {
    test.each([
      ['gzip', true],
      ['made-up', false],
    ])('nobody has %s said to others', async (coding, isGzip) => {
      const stage = await proxyStage((request) => {
        const [host = 'shop.test'] = request.values('x-host');
        const page = `<script src="//${host}/x.js">`;
        const content = isGzip ? gzipSync(page).toString('latin1') : encodeURIComponent(page);
        return responseWith(content, [fresh, `Content-Encoding: ${coding}`]);
      });
      const own = await stage.get('/', ['Accept-Encoding: gzip', 'X-Host: evil.test']);
      const plain = await stage.get('/', ['Accept-Encoding: gzip']);
      expect(plain.content).not.toBe(own.content);
      expect(await stage.get('/', ['Accept-Encoding: gzip'])).toMatchObject({ content: plain.content });
      expect(stage.origin.seen).toHaveLength(2);
    });
  });

  describe('however an origin reads and writes it', () => {
    test.each<[said: string, write: (value: string) => string, lines: readonly string[], repeated: string]>([
      ['an address with a port', byHost, ['X-Name: 203.0.113.66:80'], '203.0.113.66'],
      ['an address of IPv6 with a port', byHost, ['X-Name: [2001:DB8::66]:81'], '[2001:db8::66]'],
      ['a short address', asIs, ['X-Name: 9.9.9.9'], '9.9.9.9'],
      ['an address in one number', (value) => `//${value}/`, ['X-Name: 1249763844'], '//1249763844'],
      ['an internationalised host', byHost, ['X-Name: EVIL.xn--P1AI'], 'evil.xn--p1ai'],
      ['a script in a text of JSON', inScript, ['X-Name: </script>"<script>alert(1)'], '<script>alert(1)'],
      ['bytes that are made UTF-8', inUtf8, ['X-Name: <script>alert(1)\u00e9</script>'], 'alert(1)'],
      ['a list of short members', asIs, ["X-Name: '-[0,eval][1,1](1),'"], 'eval][1'],
      ['two lines of one name', asIs, ["X-Name: '-[0", 'X-Name: eval][1', "X-Name: 1](1)-'"], 'eval][1'],
      ['what it decodes', decoded, ['X-Name: %3Cscript%3Ealert(1)'], '<script>'],
      ['a cookie that it decodes', cookie, ['Cookie: a=%22%3E%3Cscript%3Ealert(1)'], '<script>'],
      ['a host in a cookie', cookie, ['Cookie: a=evil.test'], 'evil.test'],
      ['the name of a cookie', asIs, ['Cookie: "><script>alert(1)</script>=1'], '<script>'],
    ])('%s is said to nobody else', async (_, write, lines, repeated) => {
      const stage = await proxyStage((request) => {
        const value = [...request.values('x-name'), ...request.values('cookie')].join(', ');
        return responseWith(value === '' ? 'plain' : write(value), [fresh]);
      });
      expect((await stage.get('/', lines)).content).toContain(repeated);
      expect((await stage.get('/')).content).toBe('plain');
      expect((await stage.get('/')).content).toBe('plain');
      expect(stage.origin.seen).toHaveLength(2);
    });
  });

  test('half of it in each of two parts is not said by both together', async () => {
    const stage = await proxyStage((request) => {
      const [host = 'shop.test'] = request.values('x-host');
      const content = `${'-'.repeat(50)}${host.padEnd(20)}${'-'.repeat(50)}`;
      const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.values('range')[0] ?? '') ?? [];
      if (first === undefined) return responseWith(content, [fresh, 'ETag: "1"']);
      const end = last === '' ? content.length - 1 : Number(last);
      const range = `Content-Range: bytes ${first}-${end}/${content.length}`;
      return responseWith(content.slice(Number(first), end + 1), [fresh, 'ETag: "1"', range], '206 Partial Content');
    });
    const host = 'X-Host: evil-site.test';
    for (let cut = 51; cut < 64; cut++) {
      await stage.get(`/${cut}`, [host, `Range: bytes=0-${cut - 1}`]);
      await stage.get(`/${cut}`, [host, `Range: bytes=${cut}-`]);
      expect((await stage.get(`/${cut}`)).content, `cut at ${cut}`).not.toContain('evil-site.test');
      await stage.get(`/own/${cut}`, [host, `Range: bytes=0-${cut - 1}`]);
      await stage.get(`/own/${cut}`, [host]);
      expect((await stage.get(`/own/${cut}`)).content, `completed at ${cut}`).not.toContain('evil-site.test');
    }
  });

  test('a parameter that No-Vary-Search says does not matter hides nothing', async () => {
    const stage = await proxyStage((request) => {
      const [host = 'shop.test'] = request.values('x-host');
      return responseWith(`<script src="//${host}/x.js">`, [fresh, 'No-Vary-Search: params=("utm")']);
    });
    await stage.get('/?utm=evil.test', ['X-Host: evil.test']);
    expect((await stage.get('/')).content).toContain('shop.test');
  });

  test('languages behind the one that others prefer too are theirs alone', async () => {
    const stage = await proxyStage((request) =>
      responseWith(`<p>${request.values('accept-language').join()}</p>`, [
        fresh,
        'Vary: Accept-Language',
        'Content-Language: en',
      ]),
    );
    await stage.get('/', ['Accept-Language: en, "><script>;q=0']);
    expect((await stage.get('/', ['Accept-Language: en'])).content).toBe('<p>en</p>');
  });

  test('where Vary names the field, each client has its own again', async () => {
    const stage = await proxyStage((request) =>
      responseWith(`for ${request.values('x-host').join()}`, [fresh, 'Vary: X-Host']),
    );
    for (const host of ['evil.test', 'good.test', 'evil.test', 'good.test'])
      expect((await stage.get('/', [`X-Host: ${host}`])).content).toBe(`for ${host}`);
    expect(stage.origin.seen).toHaveLength(2);
  });

  test('an operator may have it stored all the same', async () => {
    const stage = await proxyStage((request) => responseWith(said(request), [fresh]), { allowUnkeyedEcho: true });
    const own = await stage.get('/', ['X-Host: evil.test']);
    expect((await stage.get('/')).content).toBe(own.content);
  });

  test('a site that Access-Control-Allow-Origin names is told so again, and no other', async () => {
    const stage = await proxyStage((request) => {
      const [site = 'none'] = request.values('origin');
      return responseWith('data', [fresh, `Access-Control-Allow-Origin: ${site}`]);
    });
    const allowed = async (...lines: string[]): Promise<string | undefined> =>
      (await stage.get('/', lines)).field('access-control-allow-origin');
    // Not the name of a site, and no other may read what is for it: a page in a sandbox sends it, or whoever likes to.
    expect(await allowed('Origin: null')).toBe('null');
    expect(await allowed('Origin: https://evil.test')).toBe('https://evil.test');
    expect(await allowed('Origin: https://app.test')).toBe('https://app.test');
    expect(await allowed('Origin: https://app.test')).toBe('https://app.test');
    expect(stage.origin.seen).toHaveLength(3);
  });
});
