import { type CacheControl, hasDirective, parseCacheControl } from '../http/cache-control.ts';
import { fieldValue, type Fields, hasField, withoutFields } from '../http/fields.ts';
import { variantKey, type VariantKey } from '../key/nominated-fields.ts';
import { hasCredentials } from './freshness.ts';
import { hasOriginPrecondition, isConditional } from './precondition.ts';

/**
 * What the fields of a presented request mean to the rules of RFC 9111 §4, worked out once for one list of fields: a client that repeats itself is
 * presented with the same list again. Values are worked out when they are first asked for.
 */
export class PresentedFields {
  readonly fields: Fields;
  readonly control: CacheControl;
  /** `Pragma: no-cache`, which counts only where Cache-Control says nothing (RFC 9111 §5.4). */
  readonly hasPragmaNoCache: boolean;
  /** Whether only the origin may evaluate the preconditions (RFC 9111 §4.3.2). */
  readonly hasOriginPrecondition: boolean;
  readonly isConditional: boolean;
  readonly hasRange: boolean;
  readonly onlyIfCached: boolean;
  /** Whether the answer may be a personal one although nothing says so (RFC 9111 §7.3). */
  readonly hasCredentials: boolean;
  /** Whether nothing in them changes what a selected response that is fresh answers with, but for credentials, which a guess is withheld from. */
  readonly isPlain: boolean;
  /** By the names of the nominated fields. */
  readonly #variants = new Map<string, VariantKey>();
  #variantRoom = maxVariantCharacters;

  constructor(fields: Fields) {
    this.fields = fields;
    this.control = parseCacheControl(fieldValue(fields, 'cache-control'));
    this.hasPragmaNoCache =
      this.control.directives.size === 0 && fieldValue(fields, 'pragma')?.toLowerCase().includes('no-cache') === true;
    this.hasOriginPrecondition = hasOriginPrecondition(fields);
    this.isConditional = isConditional(fields);
    this.hasRange = hasField(fields, 'range');
    this.onlyIfCached = hasDirective(this.control, 'only-if-cached');
    this.hasCredentials = hasCredentials(fields);
    // Via, too, as by it a request is known that has been here before.
    const asksMore = this.hasPragmaNoCache || this.isConditional || this.hasRange || hasField(fields, 'via');
    this.isPlain = this.isTimeless && !asksMore;
  }

  /** The same for all that a selected response answers with the same, as long as its age in seconds is the same: those that are not plain are like themselves alone. */
  get likeness(): PresentedFields | 'plain' | 'plain-with-credentials' {
    if (!this.isPlain) return this;
    return this.hasCredentials ? 'plain-with-credentials' : 'plain';
  }

  /** Whether what answers it is the same as long as the stored response has the same age in seconds. */
  get isTimeless(): boolean {
    return this.control.directives.size === 0 && !this.control.malformed;
  }

  /** The values of the nominated fields (RFC 9111 §4.1). */
  variant(nominatedFields: readonly string[]): VariantKey {
    const names = nominatedFields.length === 1 ? (nominatedFields[0] as string) : nominatedFields.join();
    let variant = this.#variants.get(names);
    if (variant === undefined) {
      variant = variantKey(nominatedFields, this.fields);
      this.#remember(names, variant);
    }
    return variant;
  }

  #remember(names: string, variant: VariantKey): void {
    const weight = names.length + variant.length + overheadOfVariant;
    if (weight > this.#variantRoom) return;
    this.#variantRoom -= weight;
    this.#variants.set(names, variant);
  }
}

const demands: ReadonlySet<string> = new Set(['cache-control', 'pragma']);

/** The fields of a request without what it demands of its own answer (RFC 9111 §5.2.1, §5.4). */
export function withoutDemands(fields: Fields): Fields {
  return withoutFields(fields, demands);
}

/** So much of nominated fields is remembered with one list of presented ones, in characters: a site has a few lists of them, and their values can be long. */
const maxVariantCharacters = 512;
const overheadOfVariant = 64;

const known = new WeakMap<Fields, PresentedFields>();

/** What these fields mean; the same list is read once. */
export function presentedFields(fields: Fields): PresentedFields {
  let presented = known.get(fields);
  if (presented === undefined) {
    presented = new PresentedFields(fields);
    known.set(fields, presented);
  }
  return presented;
}
