import {
    decodeTxReadWriteSet,
    type NamespaceReadWriteSet,
    type TxReadWriteSet,
} from '@goodput/rwset';
import { peer } from '@hyperledger/fabric-protos';
import type { Endorsed } from '../peer/peer.js';
import { plainWrites, type PlainWriteOf } from './plain-writes.js';

/** What one endorser signed, and its name. */
export interface Endorsing {
    readonly endorsed: Endorsed;
    readonly by: string;
}

/** How many differences are told; the first is nearly always the one to look at. */
const TOLD = 5;
/** The facts that are versions a chaincode was shown. */
const READ = /^the (private )?read of key /;
/** Characters of a value that are shown. */
const SHOWN = 200;

interface Outcome {
    readonly rwset: TxReadWriteSet;
    readonly response: peer.Response;
    readonly event: Uint8Array;
    readonly plainWriteOf: PlainWriteOf;
}

function outcomeOf({ response, simulation }: Endorsed): Outcome {
    const extension = peer.ProposalResponsePayload.deserializeBinary(response.getPayload_asU8());
    const action = peer.ChaincodeAction.deserializeBinary(extension.getExtension_asU8());
    return {
        rwset: decodeTxReadWriteSet(action.getResults_asU8()),
        response: action.getResponse() ?? new peer.Response(),
        event: action.getEvents_asU8(),
        plainWriteOf: plainWrites(simulation?.privateWrites ?? []),
    };
}

function cut(text: string): string {
    return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}… (${text.length} characters)`;
}

/** Bytes for people: as text where they are text. */
function show(bytes: Uint8Array): string {
    const text = Buffer.from(bytes).toString();
    // eslint-disable-next-line no-control-regex
    if (!text.includes('\ufffd') && !/[\u0000-\u0008\u000e-\u001f]/.test(text)) return cut(text);
    return cut(`0x${Buffer.from(bytes).toString('hex')}`);
}

/** Everything a transaction did, each with a name under which the other side has its own. */
function* facts({ rwset, response, event, plainWriteOf }: Outcome): Generator<[string, string]> {
    for (const namespace of rwset.namespaces) {
        yield* factsOf(namespace);
        yield* privateFactsOf(namespace, plainWriteOf);
    }
    yield ['the response status', String(response.getStatus())];
    yield ['the response message', response.getMessage()];
    yield ['the response payload', show(response.getPayload_asU8())];
    if (event.length === 0) return;
    const decoded = peer.ChaincodeEvent.deserializeBinary(event);
    yield ["the event's name", decoded.getEventName()];
    yield ["the event's payload", show(decoded.getPayload_asU8())];
}

function* factsOf(set: NamespaceReadWriteSet): Generator<[string, string]> {
    const of = `of chaincode ${set.namespace}`;
    for (const write of set.writes) {
        const what = write.isDelete ? 'deleted' : show(write.value);
        yield [`the write to key ${JSON.stringify(write.key)} ${of}`, what];
    }
    for (const { key, entries } of set.metadataWrites) {
        const what = entries.map(({ name, value }) => `${name}=${show(value)}`).join(' ');
        yield [`the metadata of key ${JSON.stringify(key)} ${of}`, what];
    }
    for (const { key, version } of set.reads) {
        const what = version ? `version ${version.blockNum}:${version.txNum}` : 'absent';
        yield [`the read of key ${JSON.stringify(key)} ${of}`, what];
    }
    for (const range of set.rangeQueries) {
        const name = `the range from ${JSON.stringify(range.startKey)} ${of}`;
        const keys = range.rawReads?.map(({ key }) => key).join(', ') ?? 'more than 50 keys';
        yield [name, `up to ${JSON.stringify(range.endKey)}: ${keys}`];
    }
}

/** Private writes are told as they were made: this is a network to develop on, and its chaincode made them. */
function* privateFactsOf(
    { namespace, collections }: NamespaceReadWriteSet,
    plainWriteOf: PlainWriteOf,
): Generator<[string, string]> {
    for (const { collection, writes, reads, pvtRwsetHash } of collections) {
        const where = `in collection ${collection} of chaincode ${namespace}`;
        for (const { keyHash, isDelete, valueHash } of writes) {
            const plain = plainWriteOf(namespace, collection, keyHash);
            const key = plain ? `key ${JSON.stringify(plain.key)}` : `key hash ${keyHash}`;
            const value = plain?.value ? show(plain.value) : `value hash ${show(valueHash)}`;
            yield [`the private write to ${key} ${where}`, isDelete ? 'deleted' : value];
        }
        for (const { keyHash, version } of reads) {
            const what = version ? `version ${version.blockNum}:${version.txNum}` : 'absent';
            yield [`the private read of key hash ${keyHash} ${where}`, what];
        }
        yield [`the hash of the private writes ${where}`, show(pvtRwsetHash)];
    }
}

const NOT_DETERMINISTIC =
    'The chaincode is not deterministic: it must decide by its arguments, the transaction and the ledger alone';
const DIFFERENT_HEIGHTS =
    'One of the two has not yet committed what the other has: endorse it again';

/** Whether both read a key, and not the same version of it: their ledgers differ, whatever the code does. */
function readDifferently(
    left: ReadonlyMap<string, string>,
    right: ReadonlyMap<string, string>,
): boolean {
    return [...left].some(([name, version]) => {
        const other = right.get(name);
        return READ.test(name) && other !== undefined && other !== version;
    });
}

/**
 * Says in which keys and values two endorsements of one proposal differ: what a real network leaves
 * its users to find out.
 */
export function describeDifference(expected: Endorsing, actual: Endorsing): string {
    const [left, right] = [expected, actual].map(
        ({ endorsed }) => new Map(facts(outcomeOf(endorsed))),
    ) as [Map<string, string>, Map<string, string>];
    const told = [...new Set([...left.keys(), ...right.keys()])]
        .filter((name) => left.get(name) !== right.get(name))
        .map((name) => {
            const [one, other] = [left.get(name) ?? 'none', right.get(name) ?? 'none'];
            return `${name} is ${JSON.stringify(one)} on ${expected.by} and ${JSON.stringify(other)} on ${actual.by}`;
        });
    const more = told.length > TOLD ? `; and ${told.length - TOLD} more` : '';
    const cause = readDifferently(left, right) ? DIFFERENT_HEIGHTS : NOT_DETERMINISTIC;
    return `${told.slice(0, TOLD).join('; ')}${more}. ${cause}`;
}
