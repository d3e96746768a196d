import { describe, expect, it } from 'vitest';
import { readFieldLines, readRequestLine } from '../../../src/listener/request-head.ts';

describe('a plain request line', () => {
  it('is GET or HEAD of a path in HTTP/1.1', () => {
    expect(readRequestLine('GET /a?b HTTP/1.1\r\nHost: a')).toEqual({ method: 'GET', target: '/a?b', end: 19 });
    expect(readRequestLine('HEAD / HTTP/1.1\r\n\r\n')).toEqual({ method: 'HEAD', target: '/', end: 17 });
  });

  it.each([
    'POST / HTTP/1.1\r\n',
    'GET  / HTTP/1.1\r\n',
    'get / HTTP/1.1\r\n',
    'GET http://a/ HTTP/1.1\r\n',
    'GET * HTTP/1.1\r\n',
    'GET / HTTP/1.0\r\n',
    'GET / HTTP/1.1 \r\n',
    'GET / HTTP/1.1\n',
    'GET /',
    'GET / HTTP/1.1',
    '\r\nGET / HTTP/1.1\r\n',
    '',
  ])('is not %j', (text) => {
    expect(readRequestLine(text)).toBeUndefined();
  });
});

describe('field lines', () => {
  it('are names and values without the white space around these', () => {
    expect(readFieldLines('Host: a\r\nX-Empty:\r\nX-Odd:\t b  c \t\r\n')).toEqual([
      'Host',
      'a',
      'X-Empty',
      '',
      'X-Odd',
      'b  c',
    ]);
    expect(readFieldLines('')).toEqual([]);
  });

  it.each([
    ['a fold', 'X: a\r\n b\r\n'],
    ['white space before the colon', 'X : a\r\n'],
    ['white space before the name', ' X: a\r\n'],
    ['no colon', 'X\r\nY: a\r\n'],
    ['no name', ': a\r\n'],
    ['a bare line feed', 'X: a\nY: b\r\n'],
    ['a bare carriage return', 'X: a\rb\r\n'],
    ['a null', 'X: a\0\r\n'],
    ['no end', 'X: a'],
  ])('with %s are none', (_, text) => {
    expect(readFieldLines(text)).toBeUndefined();
  });
});
