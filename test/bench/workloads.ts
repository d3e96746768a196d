import type { Setting } from './contestants.ts';
import type { Load } from './load.ts';
import { type HeadFields, probe } from './probe.ts';
import { type ZipfSize, zipfLoad } from './zipf.ts';

/** What a load depends on. */
export interface Place {
  /** For its files. */
  readonly folder: string;
  readonly quick: boolean;
  /** How many requests nginx answered in a second, when it was asked for as many as it could. */
  readonly nginxPeak: () => Promise<number>;
}

/** A load with its name, and what is hoped of Etagere. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  load(place: Place): Load | Promise<Load>;
  /** The figure that is held against nginx's: CPU, unless said. */
  readonly against?: 'p99';
  /** The most that Etagere's may be as a share of nginx's, by setting. */
  readonly goals: Readonly<Partial<Record<Setting, number>>>;
  /** Each server is measured with each of these that it knows. */
  readonly settings: readonly Setting[];
  /** What the figures are for, where it is not one request. */
  readonly unit?: { readonly name: string; readonly perRequest: number };
}

/** As curl sends it. */
export const curl: HeadFields = [
  ['User-Agent', 'curl/8.5.0'],
  ['Accept', '*/*'],
];

/** A navigation with Chrome, about 900 bytes with its request line and Host. */
const chrome: HeadFields = [
  ['Connection', 'keep-alive'],
  ['sec-ch-ua', '"Google Chrome";v="131", "Chromium";v="131", "Not_A Brand";v="24"'],
  ['sec-ch-ua-mobile', '?0'],
  ['sec-ch-ua-platform', '"Windows"'],
  ['Upgrade-Insecure-Requests', '1'],
  [
    'User-Agent',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  ],
  [
    'Accept',
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7',
  ],
  ['Sec-Fetch-Site', 'same-origin'],
  ['Sec-Fetch-Mode', 'navigate'],
  ['Sec-Fetch-User', '?1'],
  ['Sec-Fetch-Dest', 'document'],
  ['Referer', 'http://www.example.com/catalogue/shelves'],
  ['Accept-Encoding', 'gzip, deflate, br, zstd'],
  ['Accept-Language', 'en-GB,en;q=0.9,de;q=0.8'],
  ['Cookie', '_ga=GA1.1.1234567890.1700000000; consent=necessary'],
];

const kibibyte = 1_024;
const small = {
  connections: 64,
  status: 200,
  bodyBytes: kibibyte,
  from: 'shelf',
  fields: curl,
  generator: 'wrk',
} as const;

const zipf: ZipfSize = { objects: 100_000, draws: 200_000 };
const littleZipf: ZipfSize = { objects: 500, draws: 2_000 };

/** All loads under which the servers are measured in turns. */
export const workloads: readonly Workload[] = [
  {
    name: 'hit',
    title: 'A hit: 1 KiB, asked for as curl does, 64 connections',
    load: () => ({ ...small, path: '/hit' }),
    goals: { plain: 0.7 },
    settings: ['plain'],
  },
  {
    name: 'hit-browser',
    title: 'A hit: 1 KiB, asked for as a browser does, with 900 bytes of head, 64 connections',
    load: () => ({ ...small, path: '/catalogue/shelves/etagere?colour=oak', fields: chrome }),
    goals: { plain: 0.8, 'access log': 1.2, metrics: 0.8 },
    settings: ['plain', 'access log', 'metrics'],
  },
  {
    name: 'not-modified',
    title: 'A hit that the client has already: 304 to If-None-Match, 64 connections',
    load: () => ({
      ...small,
      path: '/hit',
      fields: [...curl, ['If-None-Match', '"v1"']],
      status: 304,
      bodyBytes: 0,
      // wrk waits for the content that a 304 speaks of in its Content-Length.
      generator: 'h2load',
      // Not every cache stores what it asked for with a precondition.
      prime: async (url) => void (await probe(`${url}/hit`, curl)),
    }),
    goals: { plain: 0.6 },
    settings: ['plain'],
  },
  {
    name: 'zipf',
    title: 'Hits all over a shelf: 100 000 objects of 1 KiB in four variants, popular as 1/rank, 64 connections',
    load: ({ folder, quick }) => zipfLoad({ ...small, path: '/varying/' }, quick ? littleZipf : zipf, folder),
    goals: { plain: 0.8 },
    settings: ['plain'],
  },
  {
    name: '100k',
    title: 'A hit: 100 KiB, 64 connections',
    load: () => ({ ...small, path: '/100k', bodyBytes: 100 * kibibyte }),
    goals: { plain: 1 },
    settings: ['plain'],
  },
  {
    name: '10m',
    title: 'A hit: 10 MiB, 16 connections',
    load: () => ({ ...small, path: '/10m/', bodyBytes: 10 * kibibyte ** 2, connections: 16 }),
    goals: {},
    settings: ['plain'],
    unit: { name: 'MiB', perRequest: 10 },
  },
  {
    name: 'miss',
    title: 'A miss: 1 KiB, and the origin says no-store, 64 connections',
    load: () => ({ ...small, path: '/no-store', from: 'origin' }),
    goals: { plain: 2.1 },
    settings: ['plain'],
  },
  {
    name: 'latency',
    title: 'A hit at half of the rate that nginx reaches: 1 KiB, 64 connections, which ask in step',
    load: async ({ quick, nginxPeak }) => ({
      ...small,
      path: '/hit',
      generator: 'h2load',
      perSecond: quick ? 1_000 : (await nginxPeak()) / 2,
    }),
    against: 'p99',
    goals: { plain: 1 },
    settings: ['plain'],
  },
];
