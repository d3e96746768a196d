import type { StoredResponse } from '../policy/stored.ts';
import { GrowingContent } from './content.ts';
import type { Shelved, Store, StoreRefusal, StoreWriter } from './store.ts';

/** What a response on its way stands on. */
export interface WritingParts {
  readonly memory: Pick<Store, 'reserve' | 'release'>;
  /** What its head weighs, which is reserved already. */
  readonly headBytes: number;
  readonly expectedLength: number | undefined;
  /** For head and content. */
  readonly maxBytes: number;
  /** Whether so much more may be held for it, where its content has `length` bytes then. */
  readonly mayGrow: (growth: number, length: number) => boolean;
  /** Puts it on the shelf; false where it could not be kept. */
  readonly put: (shelved: Shelved) => boolean;
}

/** One response on its way onto the memory shelf: its bytes count from the first one on, until it is on the shelf or nobody keeps it. */
export function memoryWriter({ memory, headBytes, expectedLength, maxBytes, mayGrow, put }: WritingParts): StoreWriter {
  const content = new GrowingContent(expectedLength);
  let reserved = headBytes;
  let open = true;
  let refusal: StoreRefusal | undefined;
  const close = (): boolean => {
    const wasOpen = open;
    open = false;
    memory.release(reserved);
    reserved = 0;
    return wasOpen;
  };
  return {
    content,
    keepsWhole: true,
    get refusal() {
      return refusal;
    },
    write: (chunk) => {
      const growth = content.growthFor(chunk.length);
      const tooLarge = headBytes + content.length + chunk.length > maxBytes;
      const isAdmitted = open && !tooLarge && mayGrow(growth, content.length + chunk.length);
      const fits = isAdmitted && memory.reserve(growth);
      content.append(chunk);
      if (fits) {
        reserved += growth;
      } else {
        refusal ??= tooLarge ? 'too-large' : isAdmitted ? 'store-refused' : 'not-admitted';
        close();
      }
      return fits;
    },
    commit: (final: StoredResponse) => {
      content.seal();
      return close() && put({ stored: final, content });
    },
    abort: () => void close(),
  };
}
