import { BedContract } from './contract.js';

export const contracts = [BedContract];
