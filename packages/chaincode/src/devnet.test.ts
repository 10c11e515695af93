import { expect } from 'chai';
import fc from 'fast-check';
import {
    connect,
    EndorseError,
    hash,
    type Contract,
    type Gateway,
} from '@hyperledger/fabric-gateway';
import { startNetwork, type Network } from '@goodput/devnet';
import { defineSlotKey, part, string } from '@goodput/keys';
import { dial, nativeSigner, resolveProfile } from '@goodput/network';
import { decodePreparedTransaction } from '@goodput/rwset';
import { GoodputContract } from './contract.js';
import type { GoodputContext } from './context.js';
import { Machine, program } from './program.test.fixture.js';
import { slotBook } from './slot-book.js';
import { withBatching } from './with-batching.js';
import {
    batchLimitsOf,
    decodeReceipts,
    encodeBatch,
    parseContractError,
    readEvents,
    type BatchCall,
    type Receipt,
} from './wire.js';

const nine = Date.UTC(2026, 10, 23, 9);
const quarter = 15 * 60_000;
const rooms = slotBook(
    defineSlotKey({ name: 'room', resource: [part('room', string())], minutes: 15 }),
);

class Clinic extends withBatching(GoodputContract) {
    async increment(ctx: GoodputContext, key: string): Promise<number> {
        const next = Number((await ctx.stub.getState(key)).toString() || '0') + 1;
        await ctx.stub.putState(key, String(next));
        ctx.emit('incremented', { key });
        return next;
    }

    async value(ctx: GoodputContext, key: string): Promise<string> {
        return (await ctx.stub.getState(key)).toString();
    }

    async book(ctx: GoodputContext, first: string, count: string, by: string): Promise<void> {
        const from = nine + Number(first) * quarter;
        await rooms.book(ctx, { room: 'r1' }, { from, to: from + Number(count) * quarter, by });
    }

    async booked(ctx: GoodputContext): Promise<(string | null)[]> {
        const day = { from: nine, to: nine + 16 * quarter };
        const slots = await rooms.status(ctx, { room: 'r1' }, day);
        return slots.map(({ taken }) => taken?.by ?? null);
    }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('on the embedded network, through the real shim and the official client', () => {
    let network: Network;
    let gateway: Gateway;
    let close: () => void;
    let clinic: Contract;

    before(async function () {
        this.timeout(120_000);
        network = await startNetwork({ block: { timeoutMs: 5 } });
        const collections = [{ name: 'secrets', policy: "OR('Org1MSP.member')" }];
        await network.deploy({ name: 'clinic', contracts: [Clinic] });
        await network.deploy({ name: 'batched', contracts: [Machine], collections });
        await network.deploy({ name: 'serial', contracts: [Machine], collections });
        const resolved = resolveProfile(network.profile);
        const identity = resolved.identity();
        const client = dial(resolved.peer());
        gateway = connect({
            client,
            identity: { mspId: identity.mspId, credentials: Buffer.from(identity.certificate) },
            signer: nativeSigner(identity.privateKey).sign,
            hash: hash.none,
        });
        close = () => {
            gateway.close();
            client.close();
        };
        clinic = contractOf('clinic');
    });

    after(async function () {
        this.timeout(180_000);
        close();
        await network.stop();
    });

    function contractOf(chaincode: string): Contract {
        return gateway.getNetwork('mychannel').getContract(chaincode);
    }

    async function batch(contract: Contract, calls: readonly BatchCall[]): Promise<Receipt[]> {
        return decodeReceipts(await contract.submitTransaction('executeBatch', encodeBatch(calls)));
    }

    it('a thousand increments in one batch all count; a hundred sent each alone count once a block', async function () {
        this.timeout(120_000);
        const calls = Array.from({ length: 1000 }, () => ({ fn: 'increment', args: ['merged'] }));
        const proposal = clinic.newProposal('executeBatch', { arguments: [encodeBatch(calls)] });
        const endorsed = await proposal.endorse();
        const receipts = decodeReceipts(endorsed.getResult());
        expect(receipts).to.have.length(1000);
        expect(receipts.every(({ ok }) => ok)).to.equal(true);
        expect(receipts.at(-1)).to.include({ result: '1000' });
        const namespace = decodePreparedTransaction(endorsed.getBytes()).rwset?.namespaces.find(
            (each) => each.namespace === 'clinic',
        );
        expect(namespace?.reads.map(({ key }) => key)).to.deep.equal(['merged']);
        expect(namespace?.writes.map(({ key }) => key)).to.deep.equal(['merged']);
        expect(namespace?.rangeQueries).to.deep.equal([]);
        const status = await (await endorsed.submit()).getStatus();
        expect(status.successful).to.equal(true);
        expect(text(await clinic.evaluateTransaction('value', 'merged'))).to.equal('1000');

        network.setBlockSettings({ timeoutMs: 'manual' });
        try {
            const proposals = Array.from({ length: 100 }, () =>
                clinic.newProposal('increment', { arguments: ['naive'] }),
            );
            const alone = await Promise.all(proposals.map(async (each) => each.endorse()));
            const commits = await Promise.all(alone.map(async (each) => each.submit()));
            await network.cutBlock();
            const outcomes = await Promise.all(commits.map(async (each) => each.getStatus()));
            expect(outcomes.filter(({ successful }) => successful)).to.have.length(1);
        } finally {
            network.setBlockSettings({ timeoutMs: 5 });
        }
        expect(text(await clinic.evaluateTransaction('value', 'naive'))).to.equal('1');
    });

    it('gives what one transaction for each operation gives, for random programs', async function () {
        this.timeout(300_000);
        const [batched, serial] = [contractOf('batched'), contractOf('serial')];
        const read = async (contract: Contract): Promise<string[]> => [
            text(await contract.evaluateTransaction('scan', '', '')),
            text(await contract.evaluateTransaction('scanPart', '')),
        ];
        // State is carried from program to program, so that later ones begin with more of it.
        await fc.assert(
            fc.asyncProperty(program, async ({ calls }) => {
                const receipts = await batch(batched, calls);
                for (const [index, { fn, args }] of calls.entries()) {
                    const receipt = receipts[index];
                    try {
                        const result = text(await serial.submitTransaction(fn, ...args));
                        expect(receipt?.ok === true && (receipt.result ?? '')).to.equal(result);
                    } catch (error) {
                        if (!(error instanceof EndorseError)) throw error;
                        const told = parseContractError(error.details[0]?.message ?? '');
                        expect(receipt).to.deep.equal({
                            ok: false,
                            code: told.code ?? 'CHAINCODE_OP_FAILED',
                            message: told.text,
                            details: told.details,
                        });
                    }
                }
                expect(await read(batched)).to.deep.equal(await read(serial));
            }),
            { numRuns: 40, endOnFailure: true },
        );
    });

    it('books no slot twice when everybody submits at once', async function () {
        this.timeout(120_000);
        const wanted = Array.from({ length: 24 }, (_, index) => ({
            by: `patient-${index}`,
            first: (index * 5) % 14,
            count: 1 + (index % 3),
        }));
        const outcomes = await Promise.allSettled(
            wanted.map(async ({ by, first, count }) =>
                clinic.submitTransaction('book', String(first), String(count), by),
            ),
        );
        const granted = new Map<number, string>();
        for (const [index, { by, first, count }] of wanted.entries()) {
            if (outcomes[index]?.status !== 'fulfilled') continue;
            for (let slot = first; slot < first + count; slot++) {
                expect(granted.has(slot), `slot ${slot} was given twice`).to.equal(false);
                granted.set(slot, by);
            }
        }
        expect(granted.size).to.be.greaterThan(0);
        const booked = JSON.parse(text(await clinic.evaluateTransaction('booked'))) as unknown[];
        expect(booked).to.deep.equal(
            Array.from({ length: 16 }, (_, slot) => granted.get(slot) ?? null),
        );
    });

    it('tells clients that it takes batches, and how large', async () => {
        const bytes = await clinic.evaluateTransaction('org.hyperledger.fabric:GetMetadata');
        const limits = { ops: 100_000, bytes: 4_194_304, keys: 5_000 };
        expect(batchLimitsOf(JSON.parse(text(bytes)), 'Clinic')).to.deep.equal(limits);
    });

    it('sends the events of a batch as one', async function () {
        this.timeout(180_000);
        const channel = gateway.getNetwork('mychannel');
        const height = BigInt(network.channel().ledger.height);
        const events = await channel.getChaincodeEvents('clinic', { startBlock: height });
        const calls = ['x', 'y'].map((key) => ({ fn: 'increment', args: [key] }));
        await batch(clinic, calls);
        for await (const { eventName, payload } of events) {
            const told = readEvents(eventName, payload);
            expect(told.map(({ payload: each }) => text(each))).to.deep.equal([
                '{"key":"x"}',
                '{"key":"y"}',
            ]);
            break;
        }
        events.close();
    });
});
