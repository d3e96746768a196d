import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkedToken, readAdmin, readToken } from '../../../src/config/admin-options.ts';
import { readOptions, variableWarnings } from '../../../src/config/flags.ts';
import type { EtagereOptions } from '../../../src/config/options.ts';
import { Place, type Problem, refuseProblems } from '../../../src/config/problems.ts';
import type { AdminSettings } from '../../../src/config/settings.ts';

const token = 'correct-horse-battery';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'etagere-token-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string): string {
  const path = join(folder, 'token');
  writeFileSync(path, content);
  return path;
}

function resolveAdmin(options: EtagereOptions): AdminSettings | undefined {
  const found: Problem[] = [];
  const settings = readAdmin(options, new Place(found));
  refuseProblems(found);
  return settings;
}

describe('readAdmin', () => {
  it('is off unless asked for, whatever token there is', () => {
    expect(resolveAdmin({})).toBeUndefined();
    expect(resolveAdmin({ adminToken: token })).toBeUndefined();
  });

  it.each(['127.0.0.1:8081', '127.0.0.2:8081', 'localhost:8081', '[::1]:8081', '8081', 8081])(
    'needs no token where only this machine can ask: %s',
    (admin) => {
      expect(resolveAdmin({ admin })).toMatchObject({ listen: { port: 8081 }, token: undefined });
    },
  );

  it.each(['0.0.0.0:8081', '10.0.0.1:8081', '[::]:8081', 'cache.example:8081', 'localhost.example:8081'])(
    'needs one where others can: %s',
    (admin) => {
      expect(() => resolveAdmin({ admin })).toThrow(
        `admin: others may reach ${admin}, and there is no token; set ETAGERE_ADMIN_TOKEN or --admin-token-file FILE, or listen where only this machine can ask: 127.0.0.1:8081`,
      );
      expect(resolveAdmin({ admin, adminToken: token })).toMatchObject({ token });
      expect(resolveAdmin({ admin, adminTokenFile: file(`${token}\n`) })).toMatchObject({ token });
    },
  );

  it('does not choose between two tokens', () => {
    const options = { admin: 8081, adminToken: token, adminTokenFile: file(token) };
    expect(() => resolveAdmin(options)).toThrow('adminTokenFile: there is adminToken as well; keep one of them');
  });

  it('names what is wrong', () => {
    expect(() => resolveAdmin({ admin: 'x' })).toThrow('admin: "x" is not an address to listen on');
    expect(() => resolveAdmin({ admin: 8081, adminToken: 'short' })).toThrow('adminToken: a token of 5 characters');
    expect(() => resolveAdmin({ admin: 8081, adminTokenFile: '/no/such/file' })).toThrow(
      "adminTokenFile: /no/such/file can't be read (there is none)",
    );
  });
});

describe('a token', () => {
  it.each(['0123456789abcdef', `${'A'.repeat(20)}-._~+/==`])('may be %s', (text) => {
    expect(checkedToken(text)).toBe(text);
  });

  it.each(['', '0123456789abcde', 'correct horse battery', 'correct-hörse-battery', `${token}\nx`])(
    'may not be %j, which is not repeated where others may read it',
    (text) => {
      expect(() => checkedToken(text)).toThrow('openssl rand -hex 32');
      expect(() => checkedToken(text)).not.toThrow(text === '' ? 'nothing is in it' : text);
    },
  );

  it.each(['', '\n', '\r\n'])('is all of its file, but for the line end %j', (end) => {
    expect(readToken(file(`${token}${end}`))).toBe(token);
  });

  it('is not padded in its file', () => {
    expect(() => readToken(file(`${token} \n`))).toThrow('characters that Authorization can not carry');
  });
});

describe('on the command line', () => {
  it('is a variable or a file, and never an argument', () => {
    expect(readOptions({ admin: '0' }, { ETAGERE_ADMIN_TOKEN: token })).toMatchObject({
      admin: '0',
      adminToken: token,
    });
    const path = file(token);
    expect(readOptions({ 'admin-token-file': path }, {})).toMatchObject({ adminTokenFile: path });
    expect(readOptions({}, { ETAGERE_ADMIN_TOKEN: '' })).not.toHaveProperty('adminToken');
    expect(variableWarnings({ ETAGERE_ADMIN_TOKEN: token, ETAGERE_ADMIN: '8081' })).toEqual([]);
  });

  it('is checked where it is said', () => {
    expect(() => readOptions({}, { ETAGERE_ADMIN_TOKEN: 'short' })).toThrow('ETAGERE_ADMIN_TOKEN: a token of 5');
    expect(() => readOptions({ 'admin-token-file': '/no' }, {})).toThrow("--admin-token-file: /no can't be read");
    expect(() => readOptions({ admin: '1.2.3' }, {})).toThrow('--admin: "1.2.3" is not an address');
  });
});
