import { describe, expect, it } from 'vitest';
import { shownValue } from '../../../src/http/shown-value.ts';

describe('a value that is shown to others', () => {
  it.each([
    ['cookie', 'id=12'],
    ['authorization', 'a b c'],
    ['proxy-authorization', 'a b c'],
    ['x-api-key', '12345'],
    ['x-auth-token', '12345'],
    ['x-session', '12345'],
    ['x-amz-security-token', '12345'],
  ])('of %s has its length alone', (name, value) => {
    expect(shownValue(name, value)).toBe('(5 characters)');
  });

  it.each([
    ['accept-language', 'de'],
    ['surrogate-key', 'a b'],
    ['xkey', 'a b'],
    ['www-authenticate', 'Basic realm="a"'],
    ['access-control-allow-credentials', 'true'],
  ])('of %s is whole', (name, value) => {
    expect(shownValue(name, value)).toBe(value);
  });

  it.each([
    ['id=secret; Path=/; HttpOnly', 'id=…; Path=/; HttpOnly'],
    ['id=se=cret', 'id=…'],
    ['=secret; Path=/', '=…; Path=/'],
    ['secret; Path=/', '…; Path=/'],
    ['secret', '…'],
    ['id=; Path=/', 'id=…; Path=/'],
    ['', '…'],
  ])('of a cookie that is set lacks the value: %s', (value, shown) => {
    expect(shownValue('set-cookie', value)).toBe(shown);
  });
});
