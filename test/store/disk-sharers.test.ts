import { backedShelfContract } from './backed-shelf-contract.ts';
import { backingContract } from './backing-contract.ts';
import { busesOfOneProcess, diskGround } from './disk-ground.ts';

backingContract('a disk with a way to the others', () => diskGround(busesOfOneProcess()));
backedShelfContract('a disk with a way to the others', () => diskGround(busesOfOneProcess()));
