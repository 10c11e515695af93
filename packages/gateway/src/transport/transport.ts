/** One invocation of a contract. */
export interface Call {
    readonly chaincode: string;
    /** Contract name within the chaincode; absent for its default contract. */
    readonly contract?: string | undefined;
    readonly transaction: string;
    readonly args: readonly (string | Uint8Array)[];
    readonly transient?: Readonly<Record<string, string | Uint8Array>> | undefined;
    readonly endorsingOrganizations?: readonly string[] | undefined;
}

/** A transaction that peers have executed and signed, not yet sent to an orderer. */
export interface Endorsed {
    readonly transactionId: string;
    /** The prepared transaction: enough to send it again after a restart. */
    readonly bytes: Uint8Array;
    /** What the contract returned. */
    readonly result: Uint8Array;
    /** The peer whose gateway had it endorsed. */
    readonly peer?: string;
}

/** The verdict on a transaction, and where it stands in the chain. */
export interface TransactionStatus {
    readonly transactionId: string;
    /** Validation code; 0 is valid. */
    readonly code: number;
    readonly blockNumber: bigint;
    /** Place within the block; absent when the verdict came from a call, not from the block. */
    readonly index?: number;
}

/** A wait for a verdict. */
export interface CommitWatch {
    readonly status: Promise<TransactionStatus>;
    cancel(): void;
}

/** Limits of one call. */
export interface CallLimits {
    readonly timeoutMs: number;
    /** Only peers that have committed this many blocks may serve the call. */
    readonly minHeight?: bigint | undefined;
    /** Another peer than this had better serve it, when there is one. */
    readonly avoid?: string | undefined;
}

/** Which peers may serve a call. */
export type PeerWish = Pick<CallLimits, 'minHeight' | 'avoid'>;

/** What the strategies need of a network; the rest of the client knows nothing of gRPC. */
export interface Transport {
    endorse(call: Call, limits: CallLimits): Promise<Endorsed>;
    /** Resolves when an orderer has acknowledged it. */
    submit(endorsed: Pick<Endorsed, 'transactionId' | 'bytes'>, limits: CallLimits): Promise<void>;
    evaluate(call: Call, limits: CallLimits): Promise<Uint8Array>;
    /** Starts waiting for a verdict; begin before submitting, so that no block is missed. */
    watch(transactionId: string): CommitWatch;
    /** The verdict if there is one already. */
    lookup(transactionId: string, limits: CallLimits): Promise<TransactionStatus | undefined>;
    /** Blocks known to be committed on the peers in use. */
    readonly height: bigint;
}
