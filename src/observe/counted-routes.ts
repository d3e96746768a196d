import { RouteCounters } from './route-counters.ts';

/** Routes that the configuration does not name any more, and whose figures still stand for themselves. */
export const keptFormerRoutes = 50;

/** The name under which those before them are counted together: no route can be called so. */
export const formerRoutes = '(former)';

/** The counters of every route, by name. Configurations come and go: of the routes that have gone the last ones are kept, and the others become one, so that no sum ever falls. */
export class CountedRoutes {
  readonly #configured: () => readonly string[];
  readonly #routes: Map<string, RouteCounters>;

  /** `configured`: the names of the routes in force, which are there from 0 on. */
  constructor(configured: () => readonly string[]) {
    this.#configured = configured;
    this.#routes = new Map(configured().map((name) => [name, new RouteCounters()]));
  }

  get all(): ReadonlyMap<string, RouteCounters> {
    return this.#routes;
  }

  of(name: string): RouteCounters {
    return this.#routes.get(name) ?? this.#added(name);
  }

  #added(name: string): RouteCounters {
    const counters = new RouteCounters();
    this.#routes.set(name, counters);
    this.#joinFormer(name);
    return counters;
  }

  #joinFormer(added: string): void {
    const kept = new Set([...this.#configured(), added, formerRoutes]);
    const former = [...this.#routes].filter(([name]) => !kept.has(name));
    for (const [name, counters] of former.slice(0, Math.max(0, former.length - keptFormerRoutes))) {
      this.#routes.delete(name);
      const joined = this.#routes.get(formerRoutes) ?? new RouteCounters();
      this.#routes.set(formerRoutes, joined);
      joined.take(counters);
    }
  }
}
