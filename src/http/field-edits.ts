import { type Fields, fieldsTaken, hasField, withoutFields } from './fields.ts';

/** Changes to fields, in this order: remove, set, add. Names are lower case. */
export interface FieldChanges {
  readonly remove: readonly string[];
  /** In the place of all lines of that name. */
  readonly set: readonly FieldChange[];
  /** Beside the lines of that name. */
  readonly add: readonly FieldChange[];
}

export interface FieldChange {
  readonly name: string;
  readonly value: string;
}

/** A function that makes these changes; undefined where there are none. */
export function fieldEditor({ remove, set, add }: FieldChanges): ((fields: Fields) => Fields) | undefined {
  if (remove.length + set.length + add.length === 0) return undefined;
  const left = new Set([...remove, ...set.map(({ name }) => name)]);
  const lines = [...set, ...add].flatMap(({ name, value }) => [name, value]);
  return (fields) => {
    const kept = [...left].some((name) => hasField(fields, name)) ? withoutFields(fields, left) : fields;
    return lines.length === 0 ? kept : fieldsTaken(kept.concat(lines));
  };
}
