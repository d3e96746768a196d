import { type QuantityKind, quantityParsers } from '../config/quantities.ts';
import { oneOf, presetNames } from '../config/values.ts';
import { at, UsageError } from '../config/usage-error.ts';
import { defaultLimits, type Limits } from '../engine/limits.ts';
import { type PolicyConfig, presets } from '../policy/config.ts';
import type { FixtureOptions } from './fixture.ts';

interface Setting {
  readonly quantity: QuantityKind;
  set(options: FixtureOptions, value: number): FixtureOptions;
}

function limit(key: keyof Limits, quantity: QuantityKind): Setting {
  return { quantity, set: (options, value) => ({ ...options, limits: { ...options.limits, [key]: value } }) };
}

function rule(key: keyof PolicyConfig, quantity: QuantityKind, divisor = 1): Setting {
  return { quantity, set: (options, value) => ({ ...options, policy: { ...options.policy, [key]: value / divisor } }) };
}

const msPerSecond = 1_000;

/** What a fixture may configure beside `preset`, by the name that it has there. */
const settings: ReadonlyMap<string, Setting> = new Map([
  ['default-ttl', rule('defaultTtl', 'ms', msPerSecond)],
  ['stale-if-error', rule('staleIfError', 'ms', msPerSecond)],
  ['max-nominated-fields', rule('maxNominatedFields', 'count')],
  ['memory', limit('memoryBytes', 'bytes')],
  ['max-object-share', limit('maxObjectShare', 'share')],
  ['max-variants', limit('maxVariants', 'count')],
  ['max-followers', limit('maxFollowers', 'count')],
  ['max-invalidated-keys', limit('maxInvalidatedKeys', 'count')],
  ['max-fan-out', limit('maxFanOut', 'count')],
  ['follower-timeout', limit('followerTimeoutMs', 'ms')],
]);

/** The options of a fixture that names none: those of a fresh installation. */
export const defaultOptions: FixtureOptions = { policy: presets.safe, limits: defaultLimits };

/** The settings that `withOption` knows. */
export const optionNames: readonly string[] = ['preset', 'stale-beside-s-maxage', ...settings.keys()];

/**
 * The options with one more setting, like `preset rfc` or `memory 1mb`.
 * @throws UsageError where it is unknown or its value is not acceptable
 */
export function withOption(options: FixtureOptions, text: string): FixtureOptions {
  const [name = '', value = '', ...rest] = text.split(/\s+/);
  if (name === 'stale-beside-s-maxage' && rest.length === 0) {
    if (value !== 'on') throw new UsageError(`${name}: "${value}" is not what it takes`, 'write on');
    return { ...options, policy: { ...options.policy, staleBesideSMaxage: true } };
  }
  if (name === 'preset' && rest.length === 0) {
    return { ...options, policy: presets[at(name, () => oneOf(presetNames, value))] };
  }
  const setting = settings.get(name);
  if (setting === undefined || rest.length > 0) {
    throw new UsageError(`"${text}" is no option`, `write NAME VALUE, … with names of ${optionNames.join(', ')}`);
  }
  return setting.set(
    options,
    at(name, () => quantityParsers[setting.quantity](value)),
  );
}
