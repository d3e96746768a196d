import { heapGround } from './heap-ground.ts';
import { backedShelfContract } from './backed-shelf-contract.ts';

backedShelfContract('the heap', () => heapGround({}));
backedShelfContract('a heap that answers later', () => heapGround({ isLater: true }));
backedShelfContract('a heap that hears of nothing', () => heapGround({ hears: false }));
