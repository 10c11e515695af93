import { Contract } from '../client/contract.js';
import { Engine, type EngineParts } from '../client/engine.js';
import type { ClientOptions, ContractOptions } from '../client/options.js';
import { settingsOf } from '../client/settings.js';
import { BatchCapabilities } from '../merge/batch-capability.js';
import { wireCodec } from '../merge/wire-codec.js';
import type { FakeNetwork } from './fake-network.js';

/** An engine over a fake network, and a contract on it. */
export interface FakeClient {
    readonly engine: Engine;
    /** @param chaincode - another than `counters`; all are the same ledger */
    contract(options?: ContractOptions, chaincode?: string): Contract;
}

/** @param batchable - whether the contract says that it runs batches */
export function fakeClient(
    network: FakeNetwork,
    options: ClientOptions = {},
    batchable = true,
    more: Partial<EngineParts> = {},
): FakeClient {
    const bounds = { operations: 1_000, bytes: 1_000_000, keys: 1_000 };
    const engine = new Engine({
        transport: network,
        settings: settingsOf({ ...options, retry: { baseMs: 1, maxMs: 5, ...options.retry } }),
        codec: wireCodec,
        capabilities: new BatchCapabilities(
            () => Promise.resolve(Buffer.from('{}')),
            () => (batchable ? bounds : undefined),
        ),
        ...more,
    });
    const host = {
        accept: (submittal: Parameters<Engine['accept']>[0]) => engine.accept(submittal),
        evaluate: (call: Parameters<FakeNetwork['evaluate']>[0]) => network.evaluate(call),
        read: (call: Parameters<FakeNetwork['evaluate']>[0]) => network.evaluate(call),
    };
    const contract: FakeClient['contract'] = (own = {}, chaincode = 'counters') =>
        new Contract(host, chaincode, own);
    return { engine, contract };
}

/** Keys of the fake network's functions. */
export const counterFunctions: NonNullable<ContractOptions['functions']> = {
    add: { keys: ([key = '']) => [key] },
    move: { keys: ([from = '', to = '']) => [from, to] },
    get: { keys: ([key = '']) => ({ reads: [key] }) },
    refuse: { keys: ([why = '']) => [why] },
};
