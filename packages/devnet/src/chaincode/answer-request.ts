import { peer } from '@hyperledger/fabric-protos';
import type { MessageClass } from '../grpc/decode.js';
import type { ResultPages } from '../ledger/result-batches.js';
import type { OpenQueries, TransactionContext } from './transaction-context.js';

const { Type } = peer.ChaincodeMessage;

/** Answers one request of a chaincode with the payload of the response. */
type Answer = (
    payload: Uint8Array,
    tx: TransactionContext,
    queries: OpenQueries,
) => Promise<Uint8Array> | Uint8Array;

const nothing = new Uint8Array();

/** Takes a request apart, or refuses it in a peer's words. */
function unmarshal<T>(type: MessageClass<T>, bytes: Uint8Array): T {
    try {
        return type.deserializeBinary(bytes);
    } catch (cause) {
        throw new Error('unmarshal failed: proto: cannot parse invalid wire-format data', {
            cause,
        });
    }
}

function privateDataAllowed(tx: TransactionContext): void {
    if (tx.isInit) throw new Error('private data APIs are not allowed in chaincode Init()');
}

async function getOne(
    tx: TransactionContext,
    collection: string,
    key: string,
): Promise<Uint8Array> {
    if (collection === '') return (await tx.simulation.getState(tx.namespace, key)) ?? nothing;
    privateDataAllowed(tx);
    return (await tx.simulation.getPrivate(tx.namespace, collection, key)) ?? nothing;
}

async function getState(payload: Uint8Array, tx: TransactionContext): Promise<Uint8Array> {
    const request = unmarshal(peer.GetState, payload);
    return getOne(tx, request.getCollection(), request.getKey());
}

async function getStates(payload: Uint8Array, tx: TransactionContext): Promise<Uint8Array> {
    const request = unmarshal(peer.GetStateMultiple, payload);
    const values: Uint8Array[] = [];
    for (const key of request.getKeysList()) {
        values.push(await getOne(tx, request.getCollection(), key));
    }
    const result = new peer.GetStateMultipleResult();
    result.setValuesList(values);
    return result.serializeBinary();
}

async function getPrivateHash(payload: Uint8Array, tx: TransactionContext): Promise<Uint8Array> {
    const request = unmarshal(peer.GetState, payload);
    privateDataAllowed(tx);
    const hash = await tx.simulation.getPrivateHash(
        tx.namespace,
        request.getCollection(),
        request.getKey(),
    );
    return hash ?? nothing;
}

function put(tx: TransactionContext, collection: string, key: string, value: Uint8Array): void {
    if (collection === '') {
        tx.simulation.putState(tx.namespace, key, value);
        return;
    }
    privateDataAllowed(tx);
    tx.simulation.putPrivate(tx.namespace, collection, key, value);
}

function remove(tx: TransactionContext, collection: string, key: string): void {
    if (collection === '') {
        tx.simulation.deleteState(tx.namespace, key);
        return;
    }
    privateDataAllowed(tx);
    tx.simulation.deletePrivate(tx.namespace, collection, key);
}

function purge(tx: TransactionContext, collection: string, key: string): void {
    if (collection === '') throw new Error('only applicable for private data');
    privateDataAllowed(tx);
    tx.simulation.purgePrivate(tx.namespace, collection, key);
}

function putMetadata(
    tx: TransactionContext,
    collection: string,
    key: string,
    entry: peer.StateMetadata | undefined,
): void {
    const name = entry?.getMetakey() ?? '';
    const value = entry?.getValue_asU8() ?? nothing;
    if (collection === '') {
        tx.simulation.putMetadata(tx.namespace, key, name, value);
        return;
    }
    privateDataAllowed(tx);
    tx.simulation.putPrivateMetadata(tx.namespace, collection, key, name, value);
}

async function getMetadata(payload: Uint8Array, tx: TransactionContext): Promise<Uint8Array> {
    const request = unmarshal(peer.GetStateMetadata, payload);
    const collection = request.getCollection();
    const key = request.getKey();
    if (collection !== '') privateDataAllowed(tx);
    const metadata =
        collection === ''
            ? await tx.simulation.getMetadata(tx.namespace, key)
            : await tx.simulation.getPrivateMetadata(tx.namespace, collection, key);
    const result = new peer.StateMetadataResult();
    for (const [name, value] of metadata) {
        const entry = new peer.StateMetadata();
        entry.setMetakey(name);
        entry.setValue(value);
        result.addEntries(entry);
    }
    return result.serializeBinary();
}

function writeBatch(payload: Uint8Array, tx: TransactionContext): Uint8Array {
    const { Type: Kind } = peer.WriteRecord;
    for (const record of unmarshal(peer.WriteBatchState, payload).getRecList()) {
        const collection = record.getCollection();
        const key = record.getKey();
        switch (record.getType()) {
            case Kind.PUT_STATE:
                put(tx, collection, key, record.getValue_asU8());
                break;
            case Kind.DEL_STATE:
                remove(tx, collection, key);
                break;
            case Kind.PURGE_PRIVATE_DATA:
                purge(tx, collection, key);
                break;
            case Kind.PUT_STATE_METADATA:
                putMetadata(tx, collection, key, record.getMetadata());
                break;
            default:
                throw new Error('unknown operation type');
        }
    }
    return nothing;
}

interface Paging {
    readonly pageSize: number;
    readonly bookmark: string;
}

function pagingOf(bytes: Uint8Array): Paging | undefined {
    if (bytes.length === 0) return undefined;
    const metadata = unmarshal(peer.QueryMetadata, bytes);
    const paging = { pageSize: metadata.getPagesize(), bookmark: metadata.getBookmark() };
    return paging.pageSize === 0 && paging.bookmark === '' ? undefined : paging;
}

async function nextPage(pages: ResultPages, id: string, queries: OpenQueries): Promise<Uint8Array> {
    try {
        const page = await pages.next();
        const response = new peer.QueryResponse();
        response.setId(id);
        response.setHasMore(page.hasMore);
        response.setResultsList(
            page.results.map((bytes) => {
                const result = new peer.QueryResultBytes();
                result.setResultbytes(bytes);
                return result;
            }),
        );
        if (page.metadata !== undefined) response.setMetadata(page.metadata);
        if (!page.hasMore) queries.close(id);
        return response.serializeBinary();
    } catch (error) {
        queries.close(id);
        throw error;
    }
}

async function firstPage(pages: Promise<ResultPages>, queries: OpenQueries): Promise<Uint8Array> {
    const opened = await pages;
    return nextPage(opened, queries.open(opened), queries);
}

function getByRange(
    payload: Uint8Array,
    tx: TransactionContext,
    queries: OpenQueries,
): Promise<Uint8Array> {
    const request = unmarshal(peer.GetStateByRange, payload);
    const paging = pagingOf(request.getMetadata_asU8());
    const collection = request.getCollection();
    const [start, end] = [request.getStartkey(), request.getEndkey()];
    if (collection !== '') {
        privateDataAllowed(tx);
        return firstPage(
            tx.simulation.getPrivateByRange(tx.namespace, collection, start, end),
            queries,
        );
    }
    return firstPage(tx.simulation.getStateByRange(tx.namespace, start, end, paging), queries);
}

function getQueryResult(
    payload: Uint8Array,
    tx: TransactionContext,
    queries: OpenQueries,
): Promise<Uint8Array> {
    const request = unmarshal(peer.GetQueryResult, payload);
    const paging = pagingOf(request.getMetadata_asU8());
    const collection = request.getCollection();
    const query = request.getQuery();
    if (collection !== '') {
        privateDataAllowed(tx);
        return firstPage(
            tx.simulation.getPrivateQueryResult(tx.namespace, collection, query),
            queries,
        );
    }
    return firstPage(tx.simulation.getQueryResult(tx.namespace, query, paging), queries);
}

function getHistory(
    payload: Uint8Array,
    tx: TransactionContext,
    queries: OpenQueries,
): Promise<Uint8Array> {
    const key = unmarshal(peer.GetHistoryForKey, payload).getKey();
    return firstPage(tx.simulation.getHistory(tx.namespace, key), queries);
}

function queryNext(
    payload: Uint8Array,
    _tx: TransactionContext,
    queries: OpenQueries,
): Promise<Uint8Array> {
    const id = unmarshal(peer.QueryStateNext, payload).getId();
    const pages = queries.get(id);
    if (pages === undefined) throw new Error('query iterator not found');
    return nextPage(pages, id, queries);
}

function queryClose(
    payload: Uint8Array,
    _tx: TransactionContext,
    queries: OpenQueries,
): Uint8Array {
    const id = unmarshal(peer.QueryStateClose, payload).getId();
    queries.close(id);
    const response = new peer.QueryResponse();
    response.setId(id);
    return response.serializeBinary();
}

function invokeChaincode(payload: Uint8Array, tx: TransactionContext): Promise<Uint8Array> {
    const spec = unmarshal(peer.ChaincodeSpec, payload);
    const input = spec.getInput() ?? new peer.ChaincodeInput();
    return tx.invoke(spec.getChaincodeId()?.getName() ?? '', input);
}

const answers: Readonly<Partial<Record<number, Answer>>> = {
    [Type.GET_STATE]: getState,
    [Type.GET_STATE_MULTIPLE]: getStates,
    [Type.GET_PRIVATE_DATA_HASH]: getPrivateHash,
    [Type.PUT_STATE]: (payload, tx) => {
        const request = unmarshal(peer.PutState, payload);
        put(tx, request.getCollection(), request.getKey(), request.getValue_asU8());
        return nothing;
    },
    [Type.DEL_STATE]: (payload, tx) => {
        const request = unmarshal(peer.DelState, payload);
        remove(tx, request.getCollection(), request.getKey());
        return nothing;
    },
    [Type.PURGE_PRIVATE_DATA]: (payload, tx) => {
        const request = unmarshal(peer.PurgePrivateState, payload);
        purge(tx, request.getCollection(), request.getKey());
        return nothing;
    },
    [Type.GET_STATE_METADATA]: getMetadata,
    [Type.PUT_STATE_METADATA]: (payload, tx) => {
        const request = unmarshal(peer.PutStateMetadata, payload);
        putMetadata(tx, request.getCollection(), request.getKey(), request.getMetadata());
        return nothing;
    },
    [Type.WRITE_BATCH_STATE]: writeBatch,
    [Type.GET_STATE_BY_RANGE]: getByRange,
    [Type.GET_QUERY_RESULT]: getQueryResult,
    [Type.GET_HISTORY_FOR_KEY]: getHistory,
    [Type.QUERY_STATE_NEXT]: queryNext,
    [Type.QUERY_STATE_CLOSE]: queryClose,
    [Type.INVOKE_CHAINCODE]: invokeChaincode,
};

/** What answers requests of that type, if a chaincode may make them at all. */
export function answerTo(type: number): Answer | undefined {
    return answers[type];
}
