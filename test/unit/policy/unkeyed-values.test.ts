import { describe, expect, it } from 'vitest';
import { areRepeated, isRepeated, unkeyedValues } from '../../../src/policy/unkeyed-values.ts';
import { answer, get, type Line, store, verdict } from './messages.ts';

const fresh: Line = ['cache-control', 'max-age=60'];

function textsOf(...lines: Line[]): readonly string[] | string {
  const values = unkeyedValues({ ...get(...lines), authority: 'shop.test', target: '/a?ref=from-the-target' }, []);
  return values === 'too-many' ? values : values.map(({ text }) => text);
}

function members(count: number): string {
  return Array.from({ length: count }, (_, i) => `member-${i}.x/`).join();
}

describe('values', () => {
  const long = Array.from({ length: 5 }, (_, i) => ({
    text: `${'g'.repeat(100 + i)}_\xe9${'g'.repeat(100)}`,
    ends: false,
  }));
  const site = { text: 'https://a.test/', ends: true };

  it.each([
    { values: [site], of: 'few' },
    { values: [...long, site], of: 'many' },
  ])('of $of characters are repeated by any of the texts that they stand in', ({ values }) => {
    expect(areRepeated(values, ['x', 'g'.repeat(5_000), 'https://a.test/page'])).toBe(false);
    expect(areRepeated(values, ['x', 'to https://a.test/'])).toBe(true);
    expect(areRepeated(values, ['https://a', '.test/'])).toBe(false);
    expect(areRepeated(values, ['x', `g${long[3]?.text}g`])).toBe(values.length > 1);
  });
});

describe('what a response must not repeat', () => {
  it('is what no browser sends by itself: of its own navigation to the same site nothing is looked for', () => {
    const browser: Line[] = [
      ['host', 'shop.test'],
      ['user-agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'],
      ['accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8'],
      ['accept-language', 'de-DE,de;q=0.9,en-US;q=0.8,*;q=0.1'],
      ['accept-encoding', 'gzip, deflate, br, zstd'],
      ['sec-ch-ua', '"Not/A)Brand";v="8", "Chromium";v="126"'],
      ['sec-ch-ua-mobile', '?0'],
      ['sec-ch-ua-platform', '"Linux"'],
      ['sec-fetch-site', 'same-origin'],
      ['sec-fetch-mode', 'navigate'],
      ['sec-fetch-dest', 'document'],
      ['sec-fetch-user', '?1'],
      ['upgrade-insecure-requests', '1'],
      ['cache-control', 'max-age=0, no-cache'],
      ['if-none-match', 'W/"a.b.c-1234567"'],
      ['if-modified-since', 'Sun, 06 Nov 1994 08:49:37 GMT'],
      ['if-range', 'Sun, 06 Nov 1994 08:49:37 GMT'],
      ['range', 'bytes=0-99, 200-'],
      ['priority', 'u=0, i'],
      ['cookie', 'id=s%3A7ad93.xY+z; _ga=GA1.2.1234567.8901234'],
      ['origin', 'https://shop.test'],
      ['referer', 'https://www.shop.test/list?page=2'],
      ['x-requested-with', 'XMLHttpRequest'],
    ];
    expect(textsOf(...browser)).toEqual([]);
  });

  it('takes no more than a look at fields that are too short', () => {
    expect(unkeyedValues(get(['sec-fetch-user', '?1']), [])).toBe(unkeyedValues(get(), []));
  });

  it.each<[name: string, value: string]>([
    ['x-request-id', '7f3c9a1e-0000-4abc-8def-0123456789ab'],
    ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
    ['x-request-id', '01ARZ3NDEKTSV4RRFFQ69G5FAV'],
    ['cf-ray', '8a1b2c3d4e5f6789-FRA'],
    ['x-amzn-trace-id', 'Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1'],
    ['x-version', '1.2.3'],
    ['x-environment', 'production'],
    ['x-country', 'de'],
    ['x-forwarded-host', 'elsewhere.test'],
    ['te', 'something-else'],
    ['cache-control', 'max-age="3600", max-age=3600'],
    ['x-page', 'from-the-target'],
    ['x-site', 'https://shop.test'.slice(8)],
  ])('is not what can do nothing, or is not forwarded, or is in the key: %s: %s', (name, value) => {
    expect(textsOf([name, value])).toEqual([]);
  });

  it.each<[name: string, value: string, texts: readonly string[]]>([
    ['x-host', 'evil.test', ['evil.test', 'evil.test']],
    ['x-host', 'a.co', ['a.co']],
    ['x-host', 'EVIL.test:81, other-name', ['EVIL.test:81', 'EVIL.test%3A81', 'EVIL.test', 'evil.test', 'other-name']],
    ['x-theme', 'dark"><b>', ['dark"><b>', 'dark%22%3E%3Cb%3E', 'dark&quot;&gt;&lt;b&gt;']],
    ['x-amzn-trace-id', 'Root=sneaky-1', ['Root=sneaky-1']],
    ['cf-ray', '8a1b2c3d4e5f6789-evil', ['8a1b2c3d4e5f6789-evil']],
    ['x-quoted', '"a-quoted-text"', ['a-quoted-text']],
    ['user-agent', 'sneaky-agent', ['sneaky-agent']],
    ['user-agent', 'Mozilla/5.0 <script>', ['Mozilla/5.0 <script>']],
    ['accept', 'sneaky-type', ['sneaky-type']],
    ['accept-language', 'sneaky-1', ['sneaky-1']],
    ['accept-encoding', 'sneaky-1', ['sneaky-1']],
    ['pragma', 'sneaky-1', ['sneaky-1']],
    ['if-none-match', 'sneaky-1', ['sneaky-1']],
    ['range', 'sneaky-1', ['sneaky-1']],
    ['pragma', 'no-cache, "><script>', ['"><script>']],
    ['if-none-match', '"1", "<script>2"', ['<script>2']],
    ['if-modified-since', '<script> GMT', ['<script> GMT']],
    ['if-range', '<script> GMT', ['<script> GMT']],
    ['sec-ch-ua', '"//evil.test/a"', ['evil.test']],
    ['cookie', 'a=harmless.test; b="><script>', ['"><script>']],
    ['referer', 'https://other.test/', ['https://other.test/']],
    ['referer', 'https://shop.test/"><b>', ['https://shop.test/"><b>']],
    ['origin', 'https://not-shop.test', ['https://not-shop.test']],
    ['via', '1.1 elsewhere', ['1.1 elsewhere']],
    ['x-host', '203.0.113.66:80', ['203.0.113.66']],
    ['x-host', '9.9.9.9', ['9.9.9.9']],
    ['x-host', '[2001:DB8::66]:81/a', ['[2001:DB8::66]', '[2001:db8::66]']],
    ['x-host', '1249763844:80', ['//1249763844']],
    ['x-host', '0x4a7d2b44', ['//0x4a7d2b44']],
    ['x-host', 'EVIL.xn--P1AI.', ['evil.xn--p1ai']],
    ['x-name', '</script>"<script>caf\u00e9', ['<script>caf', '</script>"<script>caf\u00c3\u00a9']],
    ['x-name', "a('1')-'x", ['a(&#39;1&#39;)-&#39;x', 'a(&#039;1&#039;)-&#039;x', 'a(&#x27;1&#x27;)-&#x27;x']],
    ['x-name', "'-[0,eval][1,1](1),'", ["'-[0,eval][1,1](1),'"]],
    ['x-name', '%3Cscript%3E1', ['<script>1']],
    ['cookie', 'a=https://evil.test/x', ['https://evil.test/x', 'evil.test']],
    ['cookie', 'a=evil.test:81', ['evil.test']],
    ['cookie', 'a=%22%3E%3Cscript%3E', ['"><script>']],
    ['cookie', '"><script>=1', ['"><script>']],
    ['accept', 'evil.test/x.js', ['evil.test']],
    ['accept', 'a/b//evil.test', ['evil.test']],
    ['user-agent', 'Mozilla/5.0 evil.test', ['Mozilla/5.0 evil.test']],
    ['x-forwarded-for', '203.0.113.77, 10.0.0.1', ['203.0.113.77', '10.0.0.1']],
  ])('is the value of %s: %s', (name, value, texts) => {
    for (const text of texts) expect(textsOf([name, value])).toContain(text);
  });

  it('is what two lines of one name say together', () => {
    expect(textsOf(['x-name', "'-[0"], ['x-name', "eval]'"])).toContain("'-[0, eval]'");
    expect(textsOf(['cookie', 'a=1'], ['cookie', 'b="><script>'])).toContain('"><script>');
  });

  it('is no less for standing in a parameter that No-Vary-Search says does not matter', () => {
    const request = { ...get(['x-host', 'evil.test']), target: '/a?utm=evil.test' };
    const repeats: Line = ['location', 'https://evil.test/'];
    expect(verdict({ request, response: answer(200, fresh, repeats) })).toBe('stored');
    const variation: Line = ['no-vary-search', 'params=("utm")'];
    expect(verdict({ request, response: answer(200, fresh, repeats, variation) })).toBe('unkeyed-echo');
  });

  it('is a language too that Vary names: who prefers that of the response gets it, whatever else was asked for', () => {
    const request = get(['accept-language', 'en, "><script>;q=0']);
    const response = answer(200, fresh, ['vary', 'Accept-Language'], ['x-said', '"><script>;q=0']);
    expect(verdict({ request, response })).toBe('unkeyed-echo');
    expect(verdict({ request: get(['accept-language', 'en, de;q=0.5']), response })).toBe('stored');
  });

  it('is looked for in linear time', () => {
    const dots = `a${'.'.repeat(8_000)}a`;
    expect(textsOf(['x-name', dots])).toContain(dots);
  });

  it('is too much where a request has more of it than is looked for', () => {
    expect(textsOf(['x-many', members(65)])).toBe('too-many');
    expect(verdict({ request: get(['x-many', members(65)]), response: answer(200, fresh) })).toBe('unkeyed-echo');
    expect(verdict({ request: get(['x-few', members(3)]), response: answer(200, fresh) })).toBe('stored');
  });
});

describe('a response that repeats it in a field', () => {
  it.each<[response: Line, request: Line]>([
    [
      ['location', 'https://evil.test/login'],
      ['x-host', 'evil.test'],
    ],
    [
      ['link', '</a>; rel=canonical; title="EVIL.test"'],
      ['x-host', 'EVIL.test'],
    ],
    [
      ['location', '/?next=https%3A%2F%2Fevil-1%2Fx'],
      ['x-next', 'https://evil-1/x'],
    ],
    [
      ['x-request-id', 'not-hexadecimal'],
      ['x-request-id', 'not-hexadecimal'],
    ],
    [
      ['location', 'https://other.test/'],
      ['referer', 'https://other.test/'],
    ],
  ])('%j for %j is not stored', (line, request) => {
    const storing = { request: get(request), response: answer(200, fresh, line) };
    expect(verdict(storing)).toBe('unkeyed-echo');
    expect(verdict({ ...storing, config: { allowUnkeyedEcho: true } })).toBe('stored');
    const nominating = answer(200, fresh, line, ['vary', `Accept, ${request[0]}`]);
    expect(verdict({ ...storing, response: nominating })).toBe('stored');
  });

  it('a link to another page of the site that the client came from repeats nothing', () => {
    const request = get(['referer', 'https://other.test/']);
    expect(verdict({ request, response: answer(200, fresh, ['link', '<https://other.test/page>; rel=next']) })).toBe(
      'stored',
    );
  });

  it('is found at its end, and after a longer word that only begins like it', () => {
    const value = { text: 'https://a.test/', ends: true };
    expect(isRepeated(value, 'https://a.test/b https://a.test/')).toBe(true);
    expect(isRepeated(value, 'https://a.test/b')).toBe(false);
  });
});

describe('Access-Control-Allow-Origin that names the site of the request', () => {
  const request = get(['origin', 'https://app.other.test']);
  it('makes it one for that site alone: a variant, whether or not Vary says so', () => {
    const allowed: Line = ['access-control-allow-origin', 'https://app.other.test'];
    expect(store({ request, response: answer(200, fresh, allowed) }).nominatedFields).toEqual(['origin']);
    expect(
      store({ request, response: answer(200, fresh, ['access-control-allow-origin', '*']) }).nominatedFields,
    ).toEqual([]);
    expect(store({ request: get(), response: answer(200, fresh, allowed) }).nominatedFields).toEqual([]);
    const opaque: Line = ['access-control-allow-origin', 'null'];
    expect(store({ request: get(), response: answer(200, fresh, opaque) }).nominatedFields).toEqual([]);
    expect(store({ request: get(['origin', 'null']), response: answer(200, fresh, opaque) }).nominatedFields).toEqual([
      'origin',
    ]);
  });
});
