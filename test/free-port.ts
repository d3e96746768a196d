import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below those that a system gives to whoever asks for any port (RFC 6335 §6 has them begin at 49152, Linux at 32768): what listens there meanwhile was not put there by chance. */
const first = 10_000;
const end = 32_768;

const attempts = 20;

/** A port that was free a moment ago, and that no other test gets by asking for any. Drawn, as others look for one at the same time. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = randomInt(first, end);
    if (await isFree(port)) return port;
  }
  throw new Error(`of ${attempts} ports none was free`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listens = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, () => resolve(true));
  });
  if (listens) {
    await new Promise((resolve) => {
      server.close(resolve);
    });
  }
  return listens;
}
