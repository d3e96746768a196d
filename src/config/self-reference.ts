import { hostAndPort, isSelf, urlOf } from './addresses.ts';
import type { Path, Problem } from './problems.ts';
import { defaultName } from './resolve-origins.ts';
import type { Settings } from './settings.ts';

/** What of a configuration that listens has Etagere ask itself, until its own Via tells the loop, or has clients be operators. */
export function selfReferences({ listen, admin, origins }: Settings): readonly Problem[] {
  const found: Problem[] = [];
  const note = (path: Path, problem: string, advice: string): void => {
    found.push({ path, about: 'value', problem, advice });
  };
  for (const { name, servers } of origins) {
    const path = name === defaultName ? ['origin'] : ['origins', name, 'url'];
    for (const { url } of servers) {
      if (listen.some((address) => isSelf(url, address))) {
        note(
          path,
          `${url} is where Etagere itself is to listen`,
          'name the server behind it, or listen elsewhere: --listen 8081',
        );
      } else if (admin !== undefined && isSelf(url, admin.listen)) {
        note(
          path,
          `${url} is where the admin API is to listen`,
          'name the server behind Etagere, or move the admin API: --admin 8082',
        );
      }
    }
  }
  if (admin !== undefined && listen.some((address) => isSelf(urlOf(admin.listen), address))) {
    note(
      ['admin'],
      `${hostAndPort(admin.listen)} is where clients are to be listened to`,
      'move one of them: --admin 8081',
    );
  }
  return found;
}
