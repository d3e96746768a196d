import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Acknowledgements } from '../../../../src/store/redis/acknowledgements.ts';

describe('acknowledgements', () => {
  let acknowledgements: Acknowledgements;

  beforeEach(() => {
    vi.useFakeTimers();
    acknowledgements = new Acknowledgements();
  });

  afterEach(() => vi.useRealTimers());

  it('are complete when all have answered who are to, before or after that is known', async () => {
    acknowledgements.begin('order');
    acknowledgements.heard('order', 'early');
    vi.advanceTimersByTime(3);
    const heard = acknowledgements.expect('order', ['early', 'late'], 1000);
    acknowledgements.heard('order', 'late');
    expect(await heard).toEqual([
      { instance: 'early', ms: 0 },
      { instance: 'late', ms: 3 },
    ]);
  });

  it('name who has not answered in time, and those who were not expected', async () => {
    acknowledgements.begin('order');
    const heard = acknowledgements.expect('order', ['silent'], 1000);
    acknowledgements.heard('order', 'new');
    vi.advanceTimersByTime(1000);
    expect(await heard).toEqual([
      { instance: 'silent', ms: undefined },
      { instance: 'new', ms: 0 },
    ]);
  });

  it('are of one order each, and of none that was not told', async () => {
    acknowledgements.begin('told');
    acknowledgements.heard('other', 'a');
    acknowledgements.begin('cancelled');
    acknowledgements.cancel('cancelled');
    expect(await acknowledgements.expect('cancelled', ['a'], 1000)).toEqual([]);
    expect(await acknowledgements.expect('told', [], 1000)).toEqual([]);
  });
});
