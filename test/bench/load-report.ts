import type { HeadFields } from './probe.ts';

/** What a load generator is to do. */
export interface LoadRun {
  readonly url: string;
  readonly fields: HeadFields;
  readonly connections: number;
  readonly seconds: number;
}

/** What it counted. */
export interface LoadReport {
  readonly requests: number;
  readonly durationUs: number;
  /** Heads and content. */
  readonly bytes: number;
  /** Responses with a status from 400 on. */
  readonly badStatus: number;
  /** Connections that failed, and requests that were not answered in time. */
  readonly broken: number;
  readonly p50Us: number;
  readonly p99Us: number;
}
