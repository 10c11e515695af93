import { ledger as protos } from '@hyperledger/fabric-protos';
import { hashKey } from '@goodput/rwset';
import { expect } from 'chai';

import { openLedger } from './ledger.js';
import type { Ledger } from './ledger.js';
import { sha256 } from './sha256.js';
import type { PrivateWrites, SimulateOptions, Simulation } from './simulation.js';
import { commitPuts, commitTogether, envelopeOf, nextBlock } from './test-support/build-block.js';
import { work } from './test-support/build-block.js';
import { defineCollections, MEMBERS } from './test-support/define-collections.js';
import { collect } from './test-support/lab-contract.js';
import { refusal } from './test-support/refusal.js';

describe('private data', () => {
    let ledger: Ledger;
    beforeEach(async () => {
        ledger = await openLedger({ channel: 'c', organizations: ['Org1MSP', 'Org2MSP'] });
        await defineCollections(ledger, [
            { name: 'open', blockToLive: 0 },
            { name: 'closed', blockToLive: 0, memberOnlyRead: true, memberOnlyWrite: true },
            { name: 'short', blockToLive: 2 },
        ]);
    });
    afterEach(async () => {
        await ledger.close();
    });

    it('is hashed in public and readable by who holds it', async () => {
        await put(ledger, 'open', 'key', 'secret');
        const simulation = await ledger.simulate('t');
        expect(text(await simulation.getPrivate('cc', 'open', 'key'))).to.equal('secret');
        expect(await simulation.getPrivateHash('cc', 'open', 'key')).to.deep.equal(
            sha256(Buffer.from('secret')),
        );
        expect(await simulation.getPrivate('cc', 'open', 'missing')).to.equal(undefined);
        expect(await simulation.getPrivateHash('cc', 'open', 'missing')).to.equal(undefined);
        const { model, privateReads } = simulation.done();
        const set = model.namespaces.find(({ namespace }) => namespace === 'cc')?.collections[0];
        expect(set?.reads).to.deep.equal([
            { keyHash: hashKey('key'), version: { blockNum: 1, txNum: 0 } },
            { keyHash: hashKey('missing'), version: undefined },
        ]);
        expect(privateReads).to.deep.equal([{ namespace: 'cc', collection: 'open' }]);
        const definition = model.namespaces.find(({ namespace }) => namespace === '_lifecycle');
        expect(definition?.reads).to.have.length(5);
    });

    it('of peers outside the collection has hashes only', async () => {
        await put(ledger, 'open', 'key', 'secret');
        const simulation = await ledger.simulate('t', { peerIsMember: () => false });
        expect(await simulation.getPrivateHash('cc', 'open', 'key')).not.to.equal(undefined);
        expect(await refusal(() => simulation.getPrivate('cc', 'open', 'key'))).to.equal(
            'private data matching public hash version is not available. Public hash version = ' +
                '{BlockNum: 1, TxNum: 0}, Private data version = <nil>',
        );
        const rows = await simulation.getPrivateByRange('cc', 'open', '', '');
        expect(await collect(rows)).to.deep.equal([]);
        simulation.done();
    });

    it('is refused to creators outside the collection when its definition says so', async () => {
        const options: SimulateOptions = {
            creatorIsMember: (policy) => Buffer.compare(policy, MEMBERS) !== 0,
        };
        const simulation = await ledger.simulate('t', options);
        expect(await refusal(() => simulation.getPrivate('cc', 'closed', 'key'))).to.equal(
            'tx creator does not have read access permission on privatedata in ' +
                'chaincodeName:cc collectionName: closed',
        );
        expect(
            await refusal(() => {
                simulation.putPrivate('cc', 'closed', 'key', Buffer.from('1'));
            }),
        ).to.equal(
            'tx creator does not have write access permission on privatedata in ' +
                'chaincodeName:cc collectionName: closed',
        );
        expect(await simulation.getPrivateHash('cc', 'closed', 'key')).to.equal(undefined);
        simulation.putPrivate('cc', 'open', 'key', Buffer.from('1'));
        simulation.done();
    });

    it('needs a collection that the chaincode defines, or an organisation has', async () => {
        const simulation = await ledger.simulate('t');
        simulation.putPrivate('cc', '_implicit_org_Org2MSP', 'key', Buffer.from('1'));
        expect(await refusal(() => simulation.getPrivate('cc', 'none', 'key'))).to.equal(
            'collection c/cc/none could not be found',
        );
        expect(await refusal(() => simulation.getPrivateHash('cc', 'none', 'key'))).to.equal(
            'collection [none] not defined in the collection config for chaincode [cc]',
        );
        expect(await refusal(() => simulation.getPrivateHash('other', 'none', 'key'))).to.equal(
            'collection config not defined for chaincode [other], pass the collection ' +
                'configuration upon chaincode definition/instantiation',
        );
        simulation.done();
    });

    it('refuses writes beside private queries, in either order', async () => {
        await put(ledger, 'open', 'a', '1');
        const reading = await ledger.simulate('t');
        const rows = await collect(await reading.getPrivateByRange('cc', 'open', '', ''));
        expect(rows).to.deep.equal([{ key: 'a', value: '1' }]);
        expect(
            await refusal(() => {
                reading.putState('cc', 'x', Buffer.from('1'));
            }),
        ).to.equal(
            'txid [t]: unsuppored transaction. Transaction has already performed queries on pvt ' +
                'data. Writes are not allowed',
        );
        const recorded = reading.done().model.namespaces.map(({ namespace }) => namespace);
        expect(recorded, 'private ranges are not recorded').to.deep.equal(['_lifecycle']);
        const writing = await ledger.simulate('t');
        writing.putState('cc', 'x', Buffer.from('1'));
        expect(await refusal(() => writing.getPrivateByRange('cc', 'open', '', ''))).to.equal(
            'txid [t]: unsuppored transaction. Queries on pvt data is supported only in a ' +
                'read-only transaction',
        );
        writing.done();
    });

    it('conflicts by its hashes', async () => {
        await put(ledger, 'open', 'key', '1');
        const increment = () =>
            work(async (simulation) => {
                await simulation.getPrivate('cc', 'open', 'key');
                simulation.putPrivate('cc', 'open', 'key', Buffer.from('2'));
            });
        expect(await commitTogether(ledger, increment(), increment())).to.deep.equal([0, 11]);
    });

    it("goes with its collection's block to live", async () => {
        await put(ledger, 'short', 'key', 'secret'); // block 1: gone with block 4
        await put(ledger, 'short', 'kept', 'secret');
        await put(ledger, 'short', 'kept', 'again'); // block 3: gone with block 6
        expect(await peek(ledger, 'short', 'key')).to.deep.equal(['secret', true]);
        await commitPuts(ledger, 'cc', { some: 'block' });
        expect(await peek(ledger, 'short', 'key')).to.deep.equal(['', false]);
        await commitPuts(ledger, 'cc', { some: 'block' });
        expect(await peek(ledger, 'short', 'kept')).to.deep.equal(['again', true]);
        await commitPuts(ledger, 'cc', { some: 'block' });
        expect(await peek(ledger, 'short', 'kept')).to.deep.equal(['', false]);
    });

    it('stays when it is written in the very block in which it would go', async () => {
        await put(ledger, 'short', 'key', 'one');
        await commitPuts(ledger, 'cc', { some: 'block' });
        await commitPuts(ledger, 'cc', { some: 'block' });
        await put(ledger, 'short', 'key', 'two');
        expect(await peek(ledger, 'short', 'key')).to.deep.equal(['two', true]);
    });

    it('is deleted and purged', async () => {
        await put(ledger, 'open', 'deleted', '1');
        await put(ledger, 'open', 'purged', '1');
        await run(ledger, (simulation) => {
            simulation.deletePrivate('cc', 'open', 'deleted');
            simulation.purgePrivate('cc', 'open', 'purged');
        });
        expect(await peek(ledger, 'open', 'deleted')).to.deep.equal(['', false]);
        expect(await peek(ledger, 'open', 'purged')).to.deep.equal(['', false]);
    });

    it("is purged also when the purging transaction's private writes did not arrive", async () => {
        await put(ledger, 'open', 'purged', '1');
        const simulation = await ledger.simulate('purge');
        simulation.purgePrivate('cc', 'open', 'purged');
        const { publicBytes } = simulation.done();
        await ledger.commit(nextBlock(ledger, [envelopeOf('purge', publicBytes)]), [0]);
        expect(await peek(ledger, 'open', 'purged')).to.deep.equal(['', false]);
    });

    it('stays with its block, until it is purged or expired', async () => {
        await put(ledger, 'short', 'key', 'secret'); // block 1: gone with block 4
        await run(ledger, (simulation) => {
            simulation.putPrivate('cc', 'open', 'kept', Buffer.from('1'));
            simulation.putPrivate('cc', 'open', 'purged', Buffer.from('1'));
        });
        expect(keysIn(ledger, 1)).to.deep.equal(['cc short key']);
        expect(keysIn(ledger, 2)).to.deep.equal(['cc open kept', 'cc open purged']);
        await run(ledger, (simulation) => {
            simulation.purgePrivate('cc', 'open', 'purged');
        });
        expect(keysIn(ledger, 2)).to.deep.equal(['cc open kept']);
        expect(keysIn(ledger, 3)).to.deep.equal([]);
        expect(keysIn(ledger, 1)).to.deep.equal(['cc short key']);
        await commitPuts(ledger, 'cc', { some: 'block' });
        expect(keysIn(ledger, 1)).to.deep.equal([]);
        expect(ledger.collection('cc', 'short')).to.include({
            blockToLive: 2,
            memberOnlyRead: false,
        });
        expect(ledger.collection('cc', 'none')).to.equal(undefined);
    });

    it('keeps value and hash together when only metadata is written', async () => {
        await put(ledger, 'open', 'key', 'secret');
        await run(ledger, (simulation) => {
            simulation.putPrivateMetadata(
                'cc',
                'open',
                'key',
                'VALIDATION_PARAMETER',
                Buffer.from('policy'),
            );
        });
        expect(await peek(ledger, 'open', 'key')).to.deep.equal(['secret', true]);
        const simulation = await ledger.simulate('t');
        const metadata = await simulation.getPrivateMetadata('cc', 'open', 'key');
        expect(text(metadata.get('VALIDATION_PARAMETER'))).to.equal('policy');
        simulation.putPrivate('cc', 'open', 'key', Buffer.from('new'));
        expect(simulation.done().writtenPolicies).to.have.length(1);
        const hash = Buffer.from(hashKey('key'), 'hex');
        expect(ledger.privateMetadata('cc', 'open', hash)?.size).to.equal(1);
    });

    it('is refused when it is not what the transaction promised, and nothing is written', async () => {
        const simulation = await ledger.simulate('t');
        simulation.putPrivate('cc', 'open', 'key', Buffer.from('1'));
        const { publicBytes } = simulation.done();
        const other = await ledger.simulate('t2');
        other.putPrivate('cc', 'open', 'key', Buffer.from('2'));
        const { privateWrites } = other.done();
        const block = nextBlock(ledger, [envelopeOf('t', publicBytes)]);
        const data = new Map<string, readonly PrivateWrites[]>([['t', privateWrites]]);
        const error: unknown = await ledger.commit(block, [0], data).catch((e: unknown) => e);
        expect(error).to.have.property('code', 'DEVNET_PRIVATE_DATA_MISMATCH');
        expect(ledger.height).to.equal(1);
        expect(await peek(ledger, 'open', 'key')).to.deep.equal(['', false]);
    });

    it('leaves a hash without a value when the private writes did not arrive', async () => {
        const simulation = await ledger.simulate('t');
        simulation.putPrivate('cc', 'open', 'key', Buffer.from('1'));
        const { publicBytes } = simulation.done();
        await ledger.commit(nextBlock(ledger, [envelopeOf('t', publicBytes)]), [0]);
        const reading = await ledger.simulate('t2');
        expect(await refusal(() => reading.getPrivate('cc', 'open', 'key'))).to.match(
            /^private data matching public hash version is not available/,
        );
        reading.done();
    });
});

async function run(ledger: Ledger, change: (simulation: Simulation) => void): Promise<void> {
    expect(await commitTogether(ledger, work(change))).to.deep.equal([0]);
}

async function put(ledger: Ledger, collection: string, key: string, value: string): Promise<void> {
    await run(ledger, (simulation) => {
        simulation.putPrivate('cc', collection, key, Buffer.from(value));
    });
}

function keysIn(ledger: Ledger, blockNumber: number): string[] {
    const writes = ledger.privateData(blockNumber).get(0) ?? [];
    return writes.flatMap(({ namespace, collection, bytes }) => {
        const set = protos.rwset.CollectionPvtReadWriteSet.deserializeBinary(bytes);
        return protos.rwset.kvrwset.KVRWSet.deserializeBinary(set.getRwset_asU8())
            .getWritesList()
            .map((write) => `${namespace} ${collection} ${write.getKey()}`);
    });
}

/** The value, and whether there is a hash of it. */
async function peek(ledger: Ledger, collection: string, key: string): Promise<[string, boolean]> {
    const simulation = await ledger.simulate('peek');
    try {
        const value = text(await simulation.getPrivate('cc', collection, key));
        const hash = await simulation.getPrivateHash('cc', collection, key);
        return [value, hash !== undefined];
    } finally {
        simulation.done();
    }
}

function text(value: Uint8Array | undefined): string {
    return Buffer.from(value ?? []).toString();
}
