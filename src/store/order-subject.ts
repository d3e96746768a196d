import { assertNever } from '../http/message.ts';
import { type CacheKey, groupKey, targetKey } from '../key/cache-key.ts';
import { purgeNames } from '../key/purge-names.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Order } from './orders.ts';
import type { StoreSelection } from './selection.ts';

/** What the policy says of targets that share responses (No-Vary-Search): `policy/search-variation.ts` has it. */
export interface Equivalence {
  readonly pathOf: (target: string) => string;
  readonly equivalenceKey: (key: CacheKey, significant: string) => CacheKey;
  readonly isOfTarget: (target: CacheKey, stored: Pick<StoredResponse, 'key' | 'search'>) => boolean;
}

/** A response that an order may be about. */
export interface Subject {
  /** By which a page names it. */
  readonly id: string;
  readonly stored: Pick<StoredResponse, 'key' | 'tags' | 'groups' | 'search'>;
}

/**
 * Says that there may be kin on a shelf (`isKin` in `places.ts`): given before the first is put there, and never forgotten. As an order it is about nothing, which every Etagere understands. Whoever knows all orders before
 * one about a target so knows whether that has to be looked for everywhere.
 */
export const kinOrder: Order = { kind: 'purge', selection: { kind: 'one', id: 'kin' } };

export function isKinOrder(order: Order): boolean {
  return order.kind === 'purge' && order.selection.kind === 'one' && order.selection.id === 'kin';
}

/** Whether an order is about a response, whichever was first. */
export function isAbout(order: Order, subject: Subject, equivalence: Equivalence): boolean {
  switch (order.kind) {
    case 'purge':
      return isSelected(order.selection, subject, equivalence);
    case 'invalidate':
      return equivalence.isOfTarget(targetKey(order.key), subject.stored);
    case 'invalidate-group':
      return groupsOf(subject, equivalence).includes(order.group);
    default:
      return assertNever(order);
  }
}

/** Whether it is one of a selection; where that is of targets, one that these share with its own as well. */
export function isSelected(selection: StoreSelection, subject: Subject, equivalence: Equivalence): boolean {
  const { id, stored } = subject;
  switch (selection.kind) {
    case 'all':
      return true;
    case 'one':
      return id === selection.id;
    case 'tag':
      return purgeNames(stored).includes(selection.tag);
    case 'beginning':
      return selection.prefixes.some((prefix) => stored.key.startsWith(prefix));
    case 'targets':
      return selection.keys.some((key) => equivalence.isOfTarget(key, stored));
    default:
      return assertNever(selection);
  }
}

/** The groups that it is said to belong to (RFC 9875), and that of all targets equivalent to its own. */
export function groupsOf({ stored }: Subject, { equivalenceKey }: Equivalence): CacheKey[] {
  const { key, groups, search } = stored;
  const keys = groups.map((name) => groupKey(key, name));
  if (search !== undefined) keys.push(equivalenceKey(key, search.significant));
  return keys;
}
