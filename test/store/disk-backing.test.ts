import { backedShelfContract } from './backed-shelf-contract.ts';
import { backingContract } from './backing-contract.ts';
import { diskGround } from './disk-ground.ts';

backingContract('a disk', () => diskGround(() => undefined));
backedShelfContract('a disk', () => diskGround(() => undefined));
