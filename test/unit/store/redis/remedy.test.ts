import { describe, expect, it } from 'vitest';
import { redisAddressOf } from '../../../../src/store/redis/address.ts';
import { RedisRefusal, RedisSilence, RedisTimeout } from '../../../../src/store/redis/connection.ts';
import { RedisKeys } from '../../../../src/store/redis/keys.ts';
import { remedyOf } from '../../../../src/store/redis/remedy.ts';
import { slotOf } from '../../../../src/store/redis/slots.ts';

const [plain] = redisAddressOf('redis://cache.test').endpoints;
const [secure] = redisAddressOf('rediss://cache.test/3').endpoints;

function failure(code: string): Error {
  return Object.assign(new Error('something with TLS'), { code });
}

describe('what to do about a Redis that can not be used', () => {
  it.each<[Error, string]>([
    [new RedisRefusal('NOAUTH Authentication required.'), ':PASSWORD@'],
    [new RedisRefusal('ERR invalid password'), 'are not those'],
    [new RedisRefusal('ERR Client sent AUTH, but no password is set'), 'it has no password'],
    [new RedisRefusal('ERR invalid DB index'), 'it has no database 3'],
    [new RedisRefusal('NOPERM this user has no permissions'), '+@all'],
    [new RedisRefusal('MOVED 3999 127.0.0.1:6381'), 'write redis+cluster://'],
    [new RedisRefusal("CROSSSLOT Keys in request don't hash to the same slot"), 'write redis+cluster://'],
    [new RedisRefusal('ERR SELECT is not allowed in cluster mode'), 'write redis+cluster://'],
    [new RedisRefusal('ERR This instance has cluster support disabled'), 'write redis://'],
    [new RedisRefusal("ERR unknown command 'CLUSTER'"), 'write redis://'],
    [failure('DEPTH_ZERO_SELF_SIGNED_CERT'), 'NODE_EXTRA_CA_CERTS'],
    [
      Object.assign(failure('ERR_TLS_CERT_ALTNAME_INVALID'), {
        host: 'cache.test',
        cert: { subjectaltname: 'DNS:redis.test, IP Address:10.0.0.5' },
      }),
      'its certificate is for redis.test, 10.0.0.5, and not for cache.test: write one of these as the host',
    ],
    [failure('ERR_TLS_CERT_ALTNAME_INVALID'), 'its certificate is for another name: write that as the host'],
    [failure('CERT_HAS_EXPIRED'), 'has expired'],
    [failure('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'tls-auth-clients'],
    [failure('ERR_SSL_WRONG_VERSION_NUMBER'), 'may not be for TLS'],
    [new RedisTimeout('no answer'), 'is not for TLS'],
    [new RedisSilence('closed'), 'is not for TLS'],
  ])('is to mend the settings: %s', (error, words) => {
    expect(remedyOf(error, secure, false)).toContain(words);
  });

  it.each<Error>([
    new RedisRefusal('LOADING Redis is loading the dataset in memory'),
    new RedisRefusal("READONLY You can't write against a read only replica."),
    new RedisTimeout('no answer'),
    failure('ECONNREFUSED'),
    failure('ENOTFOUND'),
    new Error('nothing was heard any more'),
  ])('is to wait: %s', (error) => {
    expect(remedyOf(error, plain, false)).toBeUndefined();
  });

  it('is to wait where it was used before by the same settings, and says nothing any more', () => {
    expect(remedyOf(new RedisSilence('closed'), plain, false)).toContain('write rediss://');
    expect(remedyOf(new RedisSilence('closed'), plain, true)).toBeUndefined();
    expect(remedyOf(new RedisTimeout('no answer'), secure, true)).toBeUndefined();
  });
});

describe('the witnesses of a shelf', () => {
  it.each(['etagere:', 'a', 'x:1:'])('are in two parts of a cluster, whatever keys begin with: %s', (prefix) => {
    const { witness, witnessElsewhere } = new RedisKeys(prefix, 0);
    expect(slotOf(witness)).not.toBe(slotOf(witnessElsewhere));
  });
});
