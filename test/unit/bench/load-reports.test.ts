import { describe, expect, it } from 'vitest';
import { h2loadReport } from '../../bench/h2load.ts';
import { wrkReport } from '../../bench/wrk.ts';

describe('what wrk reports', () => {
  it('is the line that the script prints', () => {
    const line = '{"requests":10,"durationUs":2000000,"bytes":100,"badStatus":0,"broken":0,"p50Us":5,"p99Us":9}';
    expect(wrkReport(`Running 1s test\n${line}\nRequests/sec: 5\n`)).toEqual(JSON.parse(line));
  });

  it('is missing when the script did not come to its end', () => {
    expect(() => wrkReport('unable to connect')).toThrow('wrk reports nothing: unable to connect');
  });
});

describe('what h2load reports', () => {
  const said = `finished in 2.00s, 800.00 req/s, 118.75KB/s
requests: 1600 total, 1608 started, 1600 done, 1593 succeeded, 7 failed, 3 errored, 0 timeout
status codes: 1593 2xx, 0 3xx, 1 4xx, 2 5xx
traffic: 237.50KB (243200) total, 168.86KB (172908) headers (space savings 0.00%), 7.82KB (8005) data
`;
  const log = '1795365861222118\t200\t449\n1795365861222125\t200\t480\n1795365861222132\t404\t477\n';

  it('is what it prints, with percentiles from its log', () => {
    expect(h2loadReport(said, log, 2)).toEqual({
      requests: 1600,
      durationUs: 2e6,
      bytes: 243200,
      badStatus: 3,
      broken: 4,
      p50Us: 477,
      p99Us: 480,
    });
  });

  it('is missing when it did not come to its end', () => {
    expect(() => h2loadReport('connect failed', log, 2)).toThrow('h2load reports nothing: connect failed');
  });
});
