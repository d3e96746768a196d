import { resolve } from 'node:path';
import type { Flag } from './flag.ts';
import { checkedServerName } from './origin-tls-options.ts';

/** TLS to the origin. The files are read with the settings, again and again. */
export const originTlsFlags: readonly Flag[] = [
  {
    name: 'origin-ca',
    value: '<file>',
    group: 'Options',
    summary: 'certificates in PEM of the authorities that origins of https are trusted by, and no others',
    byDefault: '',
    read: (text, options) => {
      options.originCa = resolve(text);
    },
  },
  {
    name: 'origin-cert',
    value: '<file>',
    group: 'Options',
    summary: 'a certificate in PEM, its chain behind it, for origins that ask for one',
    byDefault: '',
    read: (text, options) => {
      options.originCert = resolve(text);
    },
  },
  {
    name: 'origin-key',
    value: '<file>',
    group: 'Options',
    summary: 'its private key in PEM, without a passphrase; SIGHUP has all three read anew',
    byDefault: '',
    read: (text, options) => {
      options.originKey = resolve(text);
    },
  },
  {
    name: 'origin-server-name',
    value: '<name>',
    group: 'Options',
    summary: 'what an origin of https is asked for, and its certificate has to be for, if not the host in its URL',
    byDefault: '',
    read: (text, options) => {
      options.originServerName = checkedServerName(text);
    },
  },
];
