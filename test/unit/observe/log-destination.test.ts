import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { batched, fileDestination, type LogDestination } from '../../../src/observe/log-destination.ts';
import { LogTrouble } from '../../../src/observe/log-trouble.ts';

let folder = '';
const quiet = new LogTrouble(
  () => undefined,
  () => 0,
);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etagere-log-'));
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

/** A destination that says what happens to it. */
function recorded(): { destination: LogDestination; events: string[] } {
  const events: string[] = [];
  return {
    events,
    destination: {
      write: (lines) => void events.push(lines),
      close: async () => void events.push('close'),
      reopen: () => void events.push('reopen'),
    },
  };
}

describe('lines that are handed on together', () => {
  it('are, within a second', () => {
    vi.useFakeTimers();
    const { destination, events } = recorded();
    const log = batched(destination);
    log.write('a\n');
    log.write('b\n');
    expect(events).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(events).toEqual(['a\nb\n']);
    log.write('c\n');
    vi.advanceTimersByTime(1_000);
    expect(events).toEqual(['a\nb\n', 'c\n']);
  });

  it('are at once where there are many', () => {
    vi.useFakeTimers();
    const { destination, events } = recorded();
    const log = batched(destination);
    const line = `${'x'.repeat(99)}\n`;
    for (let n = 0; n < 1_000; n++) log.write(line);
    expect(events.length).toBeGreaterThan(5);
    expect(events.join('').length).toBeGreaterThan(90_000);
    vi.advanceTimersByTime(1_000);
    expect(events.join('')).toBe(line.repeat(1_000));
  });

  it('are before the end', async () => {
    const { destination, events } = recorded();
    const log = batched(destination);
    log.write('a\n');
    await log.close();
    expect(events).toEqual(['a\n', 'close']);
  });

  it('go to the file that they were written for', () => {
    const { destination, events } = recorded();
    const log = batched(destination);
    log.write('a\n');
    log.reopen();
    expect(events).toEqual(['a\n', 'reopen']);
  });
});

describe('a log file', () => {
  it('is appended to, and whole at the end', async () => {
    const path = join(folder, 'access.log');
    for (const line of ['one\n', 'two\n']) {
      const log = fileDestination(path, quiet);
      log.write(line);
      await log.close();
    }
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  });

  it.skipIf(process.platform === 'win32')('is for nobody beyond its owner and group', async () => {
    const path = join(folder, 'access.log');
    await fileDestination(path, quiet).close();
    expect(statSync(path).mode & 0o007).toBe(0);
  });

  it('is made anew where the old one was moved away', async () => {
    const path = join(folder, 'access.log');
    const log = fileDestination(path, quiet);
    log.write('old\n');
    await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toBe('old\n'));
    renameSync(path, `${path}.1`);
    log.write('still old\n');
    log.reopen();
    await vi.waitFor(() => expect(existsSync(path)).toBe(true));
    log.write('new\n');
    await log.close();
    expect(readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8')).toBe('old\nstill old\nnew\n');
    expect(readFileSync(path, 'utf8')).toContain('new\n');
  });

  it('goes on as it is where it cannot be opened anew', async () => {
    const path = join(folder, 'logs');
    const told: string[] = [];
    const log = fileDestination(
      path,
      new LogTrouble(
        (what) => told.push(what),
        () => 0,
      ),
    );
    log.write('one\n');
    await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toBe('one\n'));
    const moved = `${folder}-moved`;
    renameSync(folder, moved);
    try {
      log.reopen();
      const many = 'two\n'.repeat(10_000);
      await vi.waitFor(() => {
        log.write(many);
        expect(readFileSync(join(moved, 'logs'), 'utf8')).toContain('two\n');
      });
      await log.close();
      expect(told).toEqual([expect.stringMatching(/could not be opened anew.*ENOENT/)]);
    } finally {
      renameSync(moved, folder);
    }
  });

  it('counts the lines that are lost, and tells of them once a minute', async () => {
    const told: string[] = [];
    let now = 0;
    const trouble = new LogTrouble(
      (what) => told.push(what),
      () => now,
    );
    const log = fileDestination(join(folder, 'access.log'), trouble);
    const tooMany = `${'x'.repeat(2 ** 20)}\n`.repeat(5);
    for (const at of [0, 59_999, 60_000]) {
      now = at;
      log.write(tooMany);
    }
    expect(trouble.lostLines).toBe(15);
    expect(told).toEqual([expect.stringContaining(' 5 so far'), expect.stringContaining(' 15 so far')]);
    await log.close();
  });

  it('that can not be opened is told at once', () => {
    expect(() => fileDestination(join(folder, 'no', 'such', 'folder.log'), quiet)).toThrow('ENOENT');
  });
});
