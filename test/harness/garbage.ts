import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Collects all that nothing holds. What was made, or got from a `WeakRef`, is held until the turn is over. */
export const collect = runInNewContext('gc') as () => void;
