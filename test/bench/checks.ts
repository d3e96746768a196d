import type { Load } from './load.ts';
import type { LoadReport } from './load-report.ts';
import type { Answer } from './probe.ts';

/** @throws Error when a response was an error, or none came. */
export function checkReport({ path }: Load, { requests, badStatus, broken }: LoadReport): void {
  if (requests === 0) throw new Error(`${path}: no answer`);
  if (badStatus + broken === 0) return;
  throw new Error(`${path}: ${badStatus} answers were errors, ${broken} connections failed`);
}

/** At both ends of a run requests are under way, some of them counted only at one side: a few for each connection. */
const countedOnce = 4;

/**
 * Of many objects a cache may lose some: Traffic Server does where two have the same place in its directory. And where others use the machine,
 * somebody may knock at a wrong port.
 */
const mayBeLost = 0.001;

/** @throws Error when the origin had requests though all was to come from the shelf, or others than those that were to come from it. */
export function checkOrigin({ path, from, connections }: Load, { requests }: LoadReport, atOrigin: number): void {
  const [difference, most] =
    from === 'shelf' ? [atOrigin, requests * mayBeLost] : [Math.abs(atOrigin - requests), countedOnce * connections];
  if (difference > most)
    throw new Error(`${path}: ${requests} answers from the ${from}, but the origin had ${atOrigin} requests`);
}

/** @throws Error when that is not the answer that is to be measured. */
export function checkAnswer({ path, status, bodyBytes }: Load, answer: Answer): void {
  if (answer.status !== status) throw new Error(`${path}: status ${answer.status}, not ${status}`);
  if (answer.bodyBytes === bodyBytes) return;
  throw new Error(`${path}: ${answer.bodyBytes} bytes of content, not ${bodyBytes}`);
}

/**
 * Cache-Status (RFC 9211) and X-Cache say where an answer is from; not every server writes one of them.
 * @throws Error when they say that it is not from where it was to be.
 */
export function checkSource({ path, from }: Load, { fields }: Answer): void {
  const said = fields.get('cache-status') ?? fields.get('x-cache') ?? '';
  const contradiction = from === 'shelf' ? /\b(?:miss|fwd)\b/i : /\bhit\b/i;
  if (contradiction.test(said)) throw new Error(`${path}: an answer from the ${from} says ${said}`);
}

/** How much the heads of one server's answers differ from one another: the digits of an age. */
const headVariance = 32;

/**
 * Holds the length of one answer against that of all. Answers under way at either end may count in part.
 * @throws Error when others got something else.
 */
export function checkBytes({ path, connections }: Load, { requests, bytes }: LoadReport, one: Answer): void {
  const difference = Math.abs(bytes - requests * one.totalBytes);
  if (difference <= requests * headVariance + connections * one.totalBytes) return;
  throw new Error(`${path}: ${requests} answers are ${bytes} bytes, though one is ${one.totalBytes}`);
}
