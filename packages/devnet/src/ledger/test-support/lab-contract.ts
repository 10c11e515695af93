import { ledger } from '@hyperledger/fabric-protos';

import { implicitCollection } from '../collections.js';
import type { ResultPages } from '../result-batches.js';
import type { Simulation } from '../simulation.js';

const NAMESPACE = 'lab';

/** The values that the recorded transactions carried beside their arguments. */
export const TRANSIENT: Readonly<Record<string, string>> = {
    p1: 'secret1',
    p2: 'secret2',
    o1: 'own policy',
    s1: 'gone soon',
};

/**
 * The chaincode that the recorded blocks were made with, run straight on a simulation: what its
 * functions ask of the peer, in the same order.
 */
export async function runLabContract(
    simulation: Simulation,
    functionName: string,
    args: readonly string[],
): Promise<void> {
    const [first = '', second = '', third = ''] = args;
    const put = (key: string, value: string) => {
        simulation.putState(NAMESPACE, key, Buffer.from(value));
    };
    switch (functionName) {
        case 'init':
            return;
        case 'put':
            put(first, second);
            return;
        case 'putN':
            for (let i = 0; i < Number(second); i++) put(first + pad(i), third);
            return;
        case 'inc': {
            const value = await simulation.getState(NAMESPACE, first);
            put(first, String(Number(Buffer.from(value ?? []).toString()) + 1));
            return;
        }
        case 'get':
            await simulation.getState(NAMESPACE, first);
            return;
        case 'del':
            simulation.deleteState(NAMESPACE, first);
            return;
        case 'readDel':
            await simulation.getState(NAMESPACE, first);
            simulation.deleteState(NAMESPACE, first);
            return;
        case 'rangeCount': {
            // the shim sends U+0001 for an empty start
            const start = first === '' ? '\x01' : first;
            const rows = await collect(await simulation.getStateByRange(NAMESPACE, start, second));
            if (third) put(third, String(rows.length));
            return;
        }
        case 'putComposite':
            put(compositeKey(first, JSON.parse(second) as string[]), third);
            return;
        case 'listComposite': {
            const start = compositeKey(first, JSON.parse(second) as string[]);
            const end = `${start}\u{10ffff}`;
            const rows = await collect(await simulation.getStateByRange(NAMESPACE, start, end));
            if (third) put(third, String(rows.length));
            return;
        }
        case 'putPrivate':
            simulation.putPrivate(NAMESPACE, first, second, Buffer.from(TRANSIENT[second] ?? ''));
            return;
        case 'getPrivateHash':
            await simulation.getPrivateHash(NAMESPACE, first, second);
            return;
        case 'delPrivate':
            simulation.deletePrivate(NAMESPACE, first, second);
            return;
        case 'purgePrivate':
            simulation.purgePrivate(NAMESPACE, first, second);
            return;
        case 'setEvent':
            put(`ev~${first}`, second);
            return;
        case 'setKeyPolicy':
            simulation.putMetadata(
                NAMESPACE,
                first,
                'VALIDATION_PARAMETER',
                anyMemberOf(JSON.parse(second) as string[]),
            );
            return;
        default:
            throw new Error(`The lab contract has no function ${functionName}.`);
    }
}

/** Every row of a query, read as the shim reads: batch after batch. */
export async function collect(pages: ResultPages): Promise<{ key: string; value: string }[]> {
    const rows: { key: string; value: string }[] = [];
    for (;;) {
        const { results, hasMore } = await pages.next();
        for (const result of results) {
            const row = ledger.queryresult.KV.deserializeBinary(result);
            rows.push({ key: row.getKey(), value: Buffer.from(row.getValue_asU8()).toString() });
        }
        if (!hasMore) return rows;
    }
}

export function compositeKey(type: string, parts: readonly string[]): string {
    return `\0${[type, ...parts].map((part) => `${part}\0`).join('')}`;
}

function pad(index: number): string {
    return String(index).padStart(5, '0');
}

/** What the shim's `KeyEndorsementPolicy` makes of one organisation's members. */
function anyMemberOf(mspIds: readonly string[]): Uint8Array {
    const [mspId] = mspIds;
    if (mspId === undefined || mspIds.length > 1) {
        throw new Error('The recording has key policies of one organisation.');
    }
    return implicitCollection(mspId).memberPolicy;
}
