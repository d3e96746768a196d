/** Whether a value that came from elsewhere is what a command goes by. */
export type Shape = (value: unknown) => boolean;

export const isNumber: Shape = Number.isFinite;

export const isText: Shape = (value) => typeof value === 'string';

/** A list of such values. */
export function listOf(item: Shape): Shape {
  return (value) => Array.isArray(value) && value.every(item);
}

/** An object whose members are all such values, whatever their names are. */
export function eachOf(member: Shape): Shape {
  return (value) => isObject(value) && Object.values(value).every(member);
}

/** An object with these members, and of the others those that it may have. What else there is does not matter. */
export function objectWith(
  members: Readonly<Record<string, Shape>>,
  optional: Readonly<Record<string, Shape>> = {},
): Shape {
  return (value) =>
    isObject(value) &&
    Object.entries(members).every(([name, shape]) => Object.hasOwn(value, name) && shape(value[name])) &&
    Object.entries(optional).every(([name, shape]) => !Object.hasOwn(value, name) || shape(value[name]));
}

/** An object that has these names, whatever is under them. */
export function objectNaming(names: readonly string[]): Shape {
  return objectWith(Object.fromEntries(names.map((name) => [name, () => true])));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
