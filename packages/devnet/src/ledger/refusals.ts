import { DevnetError } from '../errors.js';

/** Refuses what a chaincode asked for, in the words of a real peer: chaincodes see this message. */
export function refuse(message: string): never {
    throw new DevnetError('DEVNET_SIMULATION_REFUSED', message);
}
