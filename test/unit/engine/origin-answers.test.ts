import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../src/http/fields.ts';
import { stage } from './engine-stage.ts';

const nothing = async (): Promise<void> => {};

describe('what the engine tells of the origin', () => {
  it('is the status of each answer, and how long its head took', async () => {
    const { ask, answer, clock, originAnswers } = stage();
    ask('/a');
    await clock.advance(70, nothing);
    answer(0, ['cache-control', 'max-age=60']);
    ask('/a');
    expect(originAnswers).toEqual([{ route: 'default', status: 200, headMs: 70 }]);
  });

  it('is why no head came, and how long that took', async () => {
    const { ask, origin, clock, originAnswers } = stage();
    ask('/a');
    await clock.advance(30, nothing);
    origin.arrivals[0]?.fail('ORIGIN_BROKEN');
    expect(originAnswers).toEqual([{ route: 'default', status: 0, error: 'ORIGIN_BROKEN', headMs: 30 }]);
  });

  it('is one answer where the content breaks off behind its head', () => {
    const { ask, origin, date, originAnswers } = stage();
    ask('/a');
    origin.arrivals[0]?.head({ status: 200, fields: fieldsOf(date) });
    origin.arrivals[0]?.fail('ORIGIN_RESPONSE_INCOMPLETE');
    expect(originAnswers.map(({ status }) => status)).toEqual([200]);
  });

  it('is one answer for all who waited for it', () => {
    const { ask, answer, originAnswers } = stage();
    ask('/a');
    ask('/a');
    answer(0, ['cache-control', 'max-age=60']);
    expect(originAnswers).toHaveLength(1);
  });

  it('is nothing where nobody wanted the answer any more', () => {
    const { ask, originAnswers } = stage();
    ask('/a').leave();
    expect(originAnswers).toEqual([]);
  });
});
