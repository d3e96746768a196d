import { backingContract } from './backing-contract.ts';
import { heapGround } from './heap-ground.ts';

backingContract('the heap', () => heapGround({}));
backingContract('a heap that answers later', () => heapGround({ isLater: true }));
backingContract('a heap that hears of nothing', () => heapGround({ hears: false }));
