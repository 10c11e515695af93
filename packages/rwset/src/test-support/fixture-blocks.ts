import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '..', '..', 'fixtures', 'blocks');

/** The bytes of the blocks of a real peer, from genesis. */
export const FIXTURE_BLOCKS: readonly Buffer[] = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.block'))
    .sort()
    .map((name) => readFileSync(join(FOLDER, name)));

/** What Fabric's own decoder says about a block. */
export function fixtureJson(number: number): FabricBlock {
    const name = `block_${String(number).padStart(4, '0')}.json`;
    return JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as FabricBlock;
}

/** What was submitted, transaction by transaction. */
export function scenarios(): readonly Scenario[] {
    return JSON.parse(readFileSync(join(FOLDER, 'scenarios.json'), 'utf8')) as Scenario[];
}

export interface Scenario {
    readonly scenario: string;
    readonly txs: readonly {
        readonly tx: string;
        readonly note: string;
        readonly block: number;
        readonly code: string;
    }[];
}

interface FabricVersion {
    readonly block_num: string;
    readonly tx_num: string;
}

export interface FabricRead {
    readonly key: string;
    readonly version: FabricVersion | null;
}

export interface FabricNamespace {
    readonly namespace: string;
    readonly rwset: {
        readonly reads: readonly FabricRead[];
        readonly writes: readonly { key: string; is_delete: boolean; value: string | null }[];
        readonly metadata_writes: readonly {
            key: string;
            entries: readonly { name: string; value: string }[];
        }[];
        readonly range_queries_info: readonly {
            start_key: string;
            end_key: string;
            itr_exhausted: boolean;
            raw_reads?: { kv_reads: readonly FabricRead[] };
            reads_merkle_hashes?: {
                max_degree: number;
                max_level: number;
                max_level_hashes: readonly string[];
            };
        }[];
    } | null;
    readonly collection_hashed_rwset: readonly {
        collection_name: string;
        hashed_rwset: string;
        pvt_rwset_hash: string | null;
    }[];
}

export interface FabricEnvelope {
    readonly payload: {
        readonly header: {
            readonly channel_header: {
                readonly channel_id: string;
                readonly tx_id: string;
                readonly type: number;
                readonly timestamp: string;
            };
            readonly signature_header: { readonly creator: { readonly mspid: string } | null };
        };
        readonly data: {
            readonly actions?: readonly {
                readonly payload: {
                    readonly action: {
                        readonly endorsements: readonly { readonly endorser: string }[];
                        readonly proposal_response_payload: {
                            readonly extension: {
                                readonly chaincode_id: { name: string; version: string };
                                readonly events: {
                                    chaincode_id: string;
                                    event_name: string;
                                    payload: string | null;
                                    tx_id: string;
                                } | null;
                                readonly response: {
                                    status: number;
                                    message: string;
                                    payload: string | null;
                                };
                                readonly results: { readonly ns_rwset: readonly FabricNamespace[] };
                            };
                            readonly proposal_hash: string;
                        };
                    };
                    readonly chaincode_proposal_payload: {
                        readonly input: {
                            readonly chaincode_spec: {
                                readonly input: { args: readonly string[] };
                            };
                        };
                    };
                };
            }[];
        };
    };
}

export interface FabricBlock {
    readonly header: { number: string; previous_hash: string | null; data_hash: string };
    readonly data: { readonly data: readonly FabricEnvelope[] };
    readonly metadata: { readonly metadata: readonly string[] };
}
