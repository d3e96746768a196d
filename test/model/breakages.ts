import { noFields, withoutFields } from '../../src/http/fields.ts';
import { variantKey } from '../../src/key/nominated-fields.ts';
import { withOther } from '../unit/engine/adapted-store.ts';
import type { Breakage } from './breakage.ts';
import {
  askedThrice,
  blindTo,
  confusingKeys,
  finding,
  findingStored,
  halfAsFast,
  heard,
  oneByteLate,
  passingUnsafe,
  seen,
  takenForWhole,
  telling,
  without,
} from './broken-parts.ts';
import type { Violation } from './judge.ts';

/** One thing that is wrong, and the invariants by one of which that shows. */
export interface Broken {
  readonly name: string;
  readonly breaks: readonly Violation['invariant'][];
  readonly breakage: Breakage;
}

const notUnderstood = (directive: string, ...breaks: Broken['breaks']): Broken => ({
  name: `${directive} is not understood`,
  breaks,
  breakage: { origin: (origin) => seen(origin, (head) => without(directive, head)) },
});

const ofDirectives: readonly Broken[] = [
  notUnderstood('private', 'I2'),
  notUnderstood('no-store', 'I2'),
  notUnderstood('no-cache', 'I5'),
  notUnderstood('must-revalidate', 'I5'),
  {
    name: 'what a 304 says against sharing is not heeded',
    breaks: ['I2'],
    breakage: {
      origin: (origin) =>
        seen(origin, (head) => (head.status === 304 ? without('private', without('no-store', head)) : head)),
    },
  },
  {
    name: 'the directives of a request are not seen',
    breaks: ['I2', 'I5'],
    breakage: { handler: blindTo('cache-control') },
  },
];

const ofUsers: readonly Broken[] = [
  {
    name: 'what responses nominate is forgotten',
    breaks: ['I2'],
    breakage: {
      store: (store) =>
        findingStored(store, (stored) => ({ ...stored, nominatedFields: [], variant: variantKey([], noFields) })),
    },
  },
  { name: 'Authorization is not seen', breaks: ['I2'], breakage: { handler: blindTo('authorization') } },
  {
    name: 'Set-Cookie is not seen',
    breaks: ['I2'],
    breakage: {
      origin: (origin) =>
        seen(origin, ({ status, fields }) => ({ status, fields: withoutFields(fields, new Set(['set-cookie'])) })),
    },
  },
];

const ofContent: readonly Broken[] = [
  { name: 'one target is taken for another', breaks: ['I1'], breakage: { store: confusingKeys } },
  {
    name: 'content is read from its second byte on',
    breaks: ['I1', 'I4'],
    breakage: { store: (store) => finding(store, oneByteLate) },
  },
  {
    name: 'what breaks off is taken for whole',
    breaks: ['I4'],
    breakage: { origin: takenForWhole },
  },
];

const ofOrders: readonly Broken[] = [
  {
    name: 'a purge is not done',
    breaks: ['I6'],
    breakage: {
      operations: () => ({
        purge: async () => ({ matched: 0, stale: 0, removed: 0, fillsDoomed: 0, acknowledged: [] }),
      }),
    },
  },
  {
    name: 'a hard purge is done as a soft one',
    breaks: ['I6'],
    breakage: { operations: (operations) => ({ purge: (selection) => operations.purge(selection, 'soft') }) },
  },
  {
    name: 'the others do not hear of an order',
    breaks: ['I6'],
    breakage: {
      backing: (backing) => withOther(backing, { log: withOther(backing.log, { listen: () => undefined }) }),
    },
  },
  {
    name: 'an order is not written down',
    breaks: ['I6'],
    breakage: {
      backing: (backing) =>
        withOther(backing, {
          log: withOther(backing.log, { append: async () => ({ number: 0, heard: Promise.resolve([]) }) }),
        }),
    },
  },
  { name: 'unsafe requests go past the cache', breaks: ['I6'], breakage: { handler: passingUnsafe } },
];

const ofTime: readonly Broken[] = [
  { name: 'a clock is half as fast as time', breaks: ['I5'], breakage: { clock: halfAsFast } },
  {
    name: 'what is stored gets no older',
    breaks: ['I5'],
    breakage: {
      store: (store) => findingStored(store, (stored) => ({ ...stored, responseTime: Number.MAX_SAFE_INTEGER })),
    },
  },
];

const ofBounds: readonly Broken[] = [
  { name: 'the origin is asked three times', breaks: ['I3'], breakage: { origin: askedThrice } },
  {
    name: 'what was counted is not given back',
    breaks: ['I7'],
    breakage: { memory: (memory) => withOther(memory, { release: () => undefined }) },
  },
  {
    name: 'an end is lost',
    breaks: ['I8'],
    breakage: { handler: (handler) => telling(handler, () => ({ end: () => undefined })) },
  },
  {
    name: 'a failure of the origin is not told',
    breaks: ['I8'],
    breakage: { origin: (origin) => heard(origin, () => ({ onError: () => undefined })) },
  },
  {
    name: 'nobody is called when time is up',
    breaks: ['I8'],
    breakage: { clock: (clock) => withOther(clock, { schedule: () => () => undefined }) },
  },
];

/** What may be wrong, one by one: the model has to see each of them. */
export const breakages: readonly Broken[] = [
  ...ofDirectives,
  ...ofUsers,
  ...ofContent,
  ...ofOrders,
  ...ofTime,
  ...ofBounds,
];
