import { describe, expect, it } from 'vitest';
import type { SuiteTest } from '../../conformance/suite.ts';
import { surprises } from '../../conformance/surprises.ts';

const tests: readonly SuiteTest[] = [
  { id: 'must', kind: 'required' },
  { id: 'excepted', kind: 'optimal' },
  { id: 'answer', kind: 'check' },
];
const expected = { tests, passes: new Set(['must', 'answer']) };
const asExpected = { must: true, excepted: ['Assertion', 'asked'], answer: true } as const;

describe('surprises', () => {
  it('finds none where every test came out as the lists say', () => {
    expect(surprises(expected, { tests, result: asExpected })).toEqual([]);
  });

  it('tells a failure that is not excepted, with its reason', () => {
    const result = { ...asExpected, must: ['Assertion', 'Response 2 comes from cache'] } as const;
    expect(surprises(expected, { tests, result })).toEqual([
      { id: 'must', what: 'Assertion: Response 2 comes from cache (expected.json says that it passes)' },
    ]);
  });

  it('tells a pass that is still excepted', () => {
    expect(surprises(expected, { tests, result: { ...asExpected, excepted: true } })).toEqual([
      { id: 'excepted', what: 'passes (expected.json says that it does not)' },
    ]);
  });

  it('tells an answer that docs/checks.md does not give', () => {
    const result = { ...asExpected, answer: ['Setup', 'retry'] } as const;
    expect(surprises(expected, { tests, result })).toEqual([
      { id: 'answer', what: 'Setup: retry (docs/checks.md says that it passes)' },
    ]);
  });

  it('tells a test that was not run', () => {
    const { must, excepted } = asExpected;
    expect(surprises(expected, { tests, result: { must, excepted } })).toEqual([{ id: 'answer', what: 'was not run' }]);
  });

  it('tells a test that is new, one of another kind, and one that is gone', () => {
    const now: readonly SuiteTest[] = [
      { id: 'must', kind: 'optimal' },
      { id: 'excepted', kind: 'optimal' },
      { id: 'new', kind: 'check' },
    ];
    expect(surprises(expected, { tests: now, result: { ...asExpected, new: true } })).toEqual([
      { id: 'must', what: 'is optimal in the suite, and not so in ids.txt' },
      { id: 'new', what: 'is check in the suite, and not so in ids.txt' },
      { id: 'answer', what: 'stands in ids.txt, and is no longer in the suite' },
    ]);
  });
});
