import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GoodputContract, type GoodputContext } from '@goodput/chaincode';
import {
    AccessPolicyContract,
    AuditLogContract,
    auditKeys,
    type AuditProof,
    type StoredSeal,
} from '@goodput/contracts';
import { TestClock, useNetwork } from '@goodput/devnet/testing';
import { common } from '@hyperledger/fabric-protos';
import { expect } from 'chai';
import { run, type Ran } from '../run-command.test.fixture.js';

const DAY_MS = 86_400_000;
const day = Date.UTC(2026, 10, 20);
const tenant = 'default';
const shard = 0;

/** A log of one bucket a day. */
class OneShard extends AuditLogContract {
    constructor() {
        super({ shards: 1 });
    }
}

/** Somebody else's chaincode, in which anybody may write anything. */
class Notebook extends GoodputContract {
    async write(ctx: GoodputContext, key: string, value: string): Promise<void> {
        await ctx.stub.putState(key, value);
    }
}

describe('goodput verify --block', function () {
    this.timeout(120_000);
    const fabric = useNetwork({
        reset: 'never',
        chaincodes: [
            { name: 'audit-log', contracts: [OneShard, AccessPolicyContract] },
            { name: 'notebook', contracts: [Notebook] },
        ],
        prepare: async ({ network, clock }) => {
            await network.organization().enrol({ name: 'ann', role: 'admin' });
            clock.set(day + 1);
            const record = { action: 'read', purpose: 'TREAT', outcome: 'permit', patient: 'p1' };
            const records = [1, 2, 3, 4, 5].map((at) => ({
                ...record,
                resource: { type: 'note', id: `n${at}` },
            }));
            const log = fabric.contract('audit-log', { user: 'ann' });
            const appended = await log.submit('append', tenant, JSON.stringify(records));
            keys = JSON.parse(appended.result) as string[];
            clock.set(day + 3 * DAY_MS);
            for (const date of ['2026-11-20', '2026-11-21']) {
                const { result, block } = await log.submit('seal', tenant, '0', date);
                seals.push({ ...(JSON.parse(result) as StoredSeal), block });
            }
            const text = await log.evaluate('prove', tenant, keys[2] ?? '');
            proof = JSON.parse(text) as AuditProof;
            [first = first, sealing = sealing] = await blocksOf(
                clock,
                seals.map(({ block }) => block),
            );
        },
    });
    const seals: (StoredSeal & { block: number })[] = [];
    let keys: string[] = [];
    let proof: AuditProof;
    let first: Buffer = Buffer.alloc(0);
    let sealing: Buffer = Buffer.alloc(0);
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'verify-'));
    });
    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    async function blocksOf(clock: TestClock, numbers: readonly number[]): Promise<Buffer[]> {
        const found: Buffer[] = [];
        // Requests for blocks carry the client's own time.
        clock.resume();
        const network = fabric.client({ user: 'ann' }).gateway.getNetwork('mychannel');
        for (const number of numbers) {
            const events = await network.getBlockEvents({ startBlock: BigInt(number) });
            for await (const block of events) {
                found.push(Buffer.from(block.serializeBinary()));
                break;
            }
            events.close();
        }
        return found;
    }

    function verify(given: unknown, block: Uint8Array, chaincode = 'audit-log'): Promise<Ran> {
        const [file, blockFile] = [join(folder, 'proof.json'), join(folder, 'seal.block')];
        writeFileSync(file, JSON.stringify(given));
        writeFileSync(blockFile, block);
        return run('verify', file, '--block', blockFile, '--chaincode', chaincode);
    }

    async function expectRefused(work: Promise<Ran>, why: string): Promise<void> {
        const { code, said, out } = await work;
        expect(said).to.contain(why);
        expect([code, out]).to.deep.equal([1, '']);
    }

    it('is content with a record, its proof and the block of the latest seal', async () => {
        const { code, out } = await verify(proof, sealing);
        expect(out).to.equal(
            `The record stands in the log: row 2 of 5 of 2026-11-20, shard 0, sealed by block ${seals[1]?.block}.`,
        );
        expect(code).to.equal(0);
    });

    const notHolding = 'The proof does not hold';
    it('finds one byte of the record changed, wherever it is', async () => {
        const text = JSON.stringify(proof.record);
        for (let at = 0; at < text.length; at += 5) {
            const changed = text.slice(0, at) + (text[at] === '1' ? '2' : '1') + text.slice(at + 1);
            let record: unknown;
            try {
                record = JSON.parse(changed);
            } catch {
                // Not a record any more, and so nobody's evidence.
                continue;
            }
            await expectRefused(verify({ ...proof, record }, sealing), notHolding);
        }
    });

    it('finds a row removed: no other row, count or path passes for it', async () => {
        const { seal } = proof;
        for (const less of [
            { ...proof, seal: { ...seal, count: seal.count - 1 } },
            { ...proof, path: proof.path.slice(1) },
            { ...proof, path: proof.path.slice(0, -1) },
            { ...proof, path: [] },
        ]) {
            await expectRefused(verify(less, sealing), notHolding);
        }
    });

    it('finds a row put in another place', async () => {
        for (const row of [0, 1, 3, 4, -1, 5, 2.5]) {
            await expectRefused(verify({ ...proof, row }, sealing), notHolding);
        }
        await expectRefused(verify({ ...proof, key: keys[3] }, sealing), notHolding);
        const swapped = proof.path.toReversed();
        await expectRefused(verify({ ...proof, path: swapped }, sealing), notHolding);
    });

    it('finds one byte of the block changed', async () => {
        // The data, not the metadata: signatures and codes are what peers add.
        const data = common.Block.deserializeBinary(sealing).getData()?.getDataList_asU8() ?? [];
        const [envelope = new Uint8Array()] = data;
        const begin = sealing.indexOf(envelope);
        for (let at = begin; at < begin + envelope.length; at += 97) {
            const block = Buffer.from(sealing);
            block.writeUInt8(block.readUInt8(at) ^ 1, at);
            const { code, said } = await verify(proof, block);
            expect(said, `byte ${at}`).to.match(/was changed/);
            expect(code).to.equal(1);
        }
    });

    it('does not take an earlier seal, or a block without any, for the one the proof goes back to', async () => {
        await expectRefused(verify(proof, first), 'holds no valid seal number 2');
        const [genesis = Buffer.alloc(0)] = await blocksOf(fabric.clock, [0]);
        await expectRefused(verify(proof, genesis), 'Block 0 holds no valid seal');
        await expectRefused(verify(proof, Buffer.from('hello')), 'is no block');
    });

    it('does not take what another chaincode wrote for a seal', async () => {
        const forged = JSON.stringify({ ...seals[1], chainRoot: 'ab'.repeat(32) });
        const key = auditKeys.seal.build({ tenant, shard, day });
        const notebook = fabric.contract('notebook', { user: 'ann' });
        const { block } = await notebook.submit('write', key, forged);
        const [bytes = Buffer.alloc(0)] = await blocksOf(fabric.clock, [block]);
        await expectRefused(verify(proof, bytes), 'by the chaincode audit-log');
        const file = join(folder, 'proof.json');
        const { code, said } = await run('verify', file, '--block', join(folder, 'seal.block'));
        expect(said).to.contain('Say which chaincode keeps the log');
        expect(code).to.equal(2);
    });
});
