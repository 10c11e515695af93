import { DevnetError } from '../../errors.js';

/** What a chaincode would be told; undefined when it is not refused. */
export async function refusal(call: () => unknown): Promise<string | undefined> {
    try {
        await call();
        return undefined;
    } catch (error) {
        if (error instanceof DevnetError && error.code === 'DEVNET_SIMULATION_REFUSED') {
            return error.message;
        }
        throw error;
    }
}
