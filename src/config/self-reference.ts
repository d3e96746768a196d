import { hostAndPort, isSelf, urlOf } from './addresses.ts';
import { type Writing, written } from './names.ts';
import type { Path, Problem } from './problems.ts';
import { defaultName, isName } from './resolve-origins.ts';
import type { Settings } from './settings.ts';

/** What of a configuration that listens has Etagere ask itself, until its own Via tells the loop, or has clients be operators. */
export function selfReferences(
  { listen, admin, origins, routes }: Settings,
  writing: Writing = 'flags',
): readonly Problem[] {
  const found: Problem[] = [];
  const note = (path: Path, problem: string, advice: string): void => {
    found.push({ path, about: 'value', problem, advice });
  };
  for (const { name, servers } of origins) {
    const path = pathOf(name, routes);
    for (const { url } of servers) {
      if (listen.some((address) => isSelf(url, address))) {
        note(
          path,
          `${url} is where Etagere itself is to listen`,
          `name the server behind it, or listen elsewhere: ${written(writing, ['listen', '8081'])}`,
        );
      } else if (admin !== undefined && isSelf(url, admin.listen)) {
        note(
          path,
          `${url} is where the admin API is to listen`,
          `name the server behind Etagere, or move the admin API: ${written(writing, ['admin', '8082'])}`,
        );
      }
    }
  }
  if (admin !== undefined && listen.some((address) => isSelf(urlOf(admin.listen), address))) {
    note(
      ['admin'],
      `${hostAndPort(admin.listen)} is where clients are to be listened to`,
      `move one of them: ${written(writing, ['admin', '8081'])}`,
    );
  }
  return found;
}

/** Where an origin is said: on top, under its name, or, where it is named by its URL, in the first route that asks it. */
function pathOf(name: string, routes: Settings['routes']): Path {
  if (name === defaultName) return ['origin'];
  return isName(name)
    ? ['origins', name, 'url']
    : ['routes', routes.findIndex(({ origin }) => origin === name), 'origin'];
}
