import { common } from '@hyperledger/fabric-protos';
import type { Member } from '../identity/member.js';
import type { RememberingMembership } from './remembering-membership.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import type { CommittedBlock, Ledger, LedgerSnapshot } from '../ledger/ledger.js';
import type { BlockSettings } from '../orderer/batch-settings.js';
import type { OrderedEnvelope } from '../orderer/block-cutter.js';
import {
    checkEnvelope,
    invokedChaincode,
    RefusedEnvelope,
    type UnpackedEnvelope,
} from '../orderer/check-envelope.js';
import { Orderer } from '../orderer/orderer.js';
import { ChannelPolicies } from '../policy/channel-policies.js';
import { SignaturePolicy } from '../policy/signature-policy.js';
import { Definitions } from './definitions.js';
import { LIFECYCLE_NAMESPACE } from '../ledger/lifecycle.js';
import { TransactionValidator } from '../validation/validate-transactions.js';
import type { ValidationContext } from '../validation/validation-context.js';
import { CommitWaiters, type TransactionStatus } from './commit-waiters.js';
import { RecentBlocks } from './recent-blocks.js';
import { Standstill } from './standstill.js';
import { TransientStore } from './transient-store.js';

/** What a channel is made of. */
export interface ChannelOptions {
    readonly id: string;
    readonly ledger: Ledger;
    readonly membership: RememberingMembership;
    readonly ordererIdentity: SigningIdentity;
    readonly settings: BlockSettings;
    readonly clock: () => Date;
    /** Runs before a block is committed: a place for delays. */
    readonly beforeCommit: () => Promise<void>;
    /** Is told when a block could not be committed: the channel stands still from then on. */
    readonly failed: (error: unknown) => void;
}

/** One channel: its ledger, its ordering service, and what goes on between the two. */
export class Channel {
    readonly id: string;
    readonly ledger: Ledger;
    readonly membership: RememberingMembership;
    readonly orderer: Orderer;
    readonly policies: ChannelPolicies;
    readonly definitions = new Definitions();
    readonly transientStore = new TransientStore();
    readonly standstill = new Standstill();
    readonly #options: ChannelOptions;
    readonly #memberPolicies = new Map<string, SignaturePolicy>();
    readonly #recent = new RecentBlocks();
    readonly #validator: TransactionValidator;
    readonly #waiters = new CommitWaiters();

    constructor(options: ChannelOptions) {
        this.id = options.id;
        this.ledger = options.ledger;
        this.membership = options.membership;
        this.policies = ChannelPolicies.standard(options.membership.mspIds);
        this.#options = options;
        this.#validator = new TransactionValidator(this.#validationContext());
        this.ledger.onCommit((committed) => {
            this.#recent.add(committed.number, committed.block);
        });
        this.orderer = new Orderer({
            identity: options.ordererIdentity,
            settings: options.settings,
            lastBlock: this.ledger.blockByNumber(this.ledger.height - 1),
            deliver: (block, batch) => this.#commit(block, batch),
            failed: (error) => {
                this.standstill.begin(error);
                options.failed(error);
            },
        });
    }

    /** Puts an envelope in line for ordering; throws `RefusedEnvelope`. */
    async order(bytes: Uint8Array, unpacked: UnpackedEnvelope): Promise<void> {
        const { error } = this.standstill;
        if (error !== undefined) {
            throw new RefusedEnvelope(common.Status.SERVICE_UNAVAILABLE, error.message);
        }
        await this.membership.prepare({
            message: unpacked.payload,
            identity: unpacked.creator,
            signature: unpacked.signature,
        });
        checkEnvelope(unpacked, this, this.#options.clock());
        this.orderer.order({
            bytes,
            size: unpacked.payload.length + unpacked.signature.length,
            txId: unpacked.channelHeader.getTxId(),
            chaincode: invokedChaincode(unpacked.channelHeader),
        });
    }

    /** The block of that number, if there is one. What is returned must not be changed. */
    block(number: number): common.Block | undefined {
        // A ledger that went back has fewer blocks than are remembered; those it has again are anew.
        if (number >= this.ledger.height) return undefined;
        return this.#recent.get(number) ?? this.ledger.blockByNumber(number);
    }

    /** What became of a transaction, if it is committed. */
    statusOf(txId: string): TransactionStatus | undefined {
        return this.ledger.transaction(txId);
    }

    /** Calls back once the transaction is committed; the function returned ends the wait. */
    onceCommitted(txId: string, callback: (status: TransactionStatus) => void): () => void {
        return this.#waiters.wait(txId, callback);
    }

    /** Whether the member satisfies a collection's serialized `SignaturePolicyEnvelope`. */
    isMember(policy: Uint8Array, member: Member): boolean {
        return this.#memberPolicy(policy).satisfiedBy([member]);
    }

    /** Whether peers of the organisation hold the data of a collection with that member policy. */
    holds(policy: Uint8Array, mspId: string): boolean {
        return this.#memberPolicy(policy).orgCombinations([mspId]).length > 0;
    }

    #validationContext(): ValidationContext {
        const { ledger } = this;
        return {
            channel: this.id,
            membership: this.membership,
            policies: this.policies,
            chaincode: (name) => this.definitions.get(name),
            hasTransaction: (txId) => ledger.transaction(txId) !== undefined,
            keyMetadata: (namespace, key) => ledger.keyMetadata(namespace, key),
            privateMetadata: (namespace, collection, keyHash) =>
                ledger.privateMetadata(namespace, collection, keyHash),
        };
    }

    #memberPolicy(bytes: Uint8Array): SignaturePolicy {
        const key = Buffer.from(bytes).toString('latin1');
        const known = this.#memberPolicies.get(key);
        if (known !== undefined) return known;
        const policy = SignaturePolicy.fromBytes(bytes);
        this.#memberPolicies.set(key, policy);
        return policy;
    }

    /** The channel as it is now, once what is being committed is, to {@link restore} it later. */
    async snapshot(): Promise<LedgerSnapshot> {
        await this.orderer.settled();
        return this.ledger.snapshot();
    }

    /**
     * Goes back to an earlier state, forgetting the blocks since. What is pending is committed before,
     * so that whoever waits for it has an answer, and forgotten with them.
     */
    async restore(snapshot: LedgerSnapshot): Promise<void> {
        await this.orderer.cut();
        await this.ledger.restore(snapshot);
        await this.definitions.load(this.ledger);
        const last = this.ledger.blockByNumber(this.ledger.height - 1);
        if (last !== undefined) this.orderer.resumeAfter(last);
    }

    async close(): Promise<void> {
        await this.orderer.stop();
        await this.ledger.close();
    }

    async #commit(block: common.Block, batch: readonly OrderedEnvelope[]): Promise<void> {
        await this.#options.beforeCommit();
        const verdicts = this.#validator.validateBlock(batch.map(({ bytes }) => bytes));
        const codes = verdicts.map(({ code }) => code);
        const txIds = batch.map(({ txId }) => txId);
        const privateData = this.transientStore.take(txIds);
        const committed = await this.ledger.commit(block, codes, privateData);
        this.transientStore.forgetBefore(committed.number);
        if (batch.some(({ chaincode }) => chaincode === LIFECYCLE_NAMESPACE)) {
            await this.definitions.load(this.ledger);
        }
        this.#notify(txIds, committed);
    }

    #notify(txIds: readonly string[], { codes, number }: CommittedBlock): void {
        txIds.forEach((txId, index) => {
            if (txId === '') return;
            this.#waiters.notify(txId, { code: codes[index] ?? 0, blockNumber: number });
        });
    }
}
