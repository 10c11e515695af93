import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { freshKey, race, type Client } from './support/client.js';
import { failureOf } from './support/failure.js';
import { readWriteSetOf } from './support/read-write-set.js';
import { useTarget } from './support/target.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('private data', () => {
    const target = useTarget();
    let client: Client;
    before(() => {
        client = target.current.client({ identity: target.current.user('Org1MSP').name });
    });

    function put(collection: string, key: string, value: string) {
        return client.submit('putPrivate', [collection, key], { transientData: { value } });
    }

    it('is read by a member', async () => {
        const key = freshKey();
        expect((await put('collA', key, 'secret')).code).to.equal('VALID');
        expect(await client.evaluate('getPrivate', 'collA', key)).to.equal('secret');
    });

    it('is read over every organisation’s peers that are members', async function () {
        target.current.needs(this, 'two organisations');
        const key = freshKey();
        await put('collA', key, 'secret');
        for (const mspId of ['Org1MSP', 'Org2MSP']) {
            const result = await client.contract.evaluate('getPrivate', {
                arguments: ['collA', key],
                endorsingOrganizations: [mspId],
            });
            expect(Buffer.from(result).toString()).to.equal('secret');
        }
    });

    it('is in the block as hashes of key and value only', async () => {
        const key = freshKey();
        const value = `secret-${key}`;
        const transaction = await client.endorse('putPrivate', ['collA', key], {
            transientData: { value },
        });
        const bytes = Buffer.from(transaction.getBytes());
        expect(bytes.includes(value)).to.equal(false);
        const { collections } = readWriteSetOf(transaction, target.current.lab);
        expect(collections).to.have.length(1);
        const [write] = collections[0]!.writes;
        expect(write!.keyHash).to.equal(sha256(key));
        expect(Buffer.from(write!.valueHash).toString('hex')).to.equal(sha256(value));
        expect(collections[0]!.pvtRwsetHash).to.have.length(32);
        await transaction.submit();
    });

    it('has a hash that everybody can ask for', async () => {
        const key = freshKey();
        await put('collA', key, 'secret');
        expect(await client.evaluate('getPrivateHash', 'collA', key)).to.equal(sha256('secret'));
        expect(await client.evaluate('getPrivateHash', 'collA', freshKey())).to.equal('');
    });

    it('is empty where nothing was written', async () => {
        expect(await client.evaluate('getPrivate', 'collA', freshKey())).to.equal('');
    });

    it('is not public data, and not another collection’s', async () => {
        const key = freshKey();
        await put('collA', key, 'secret');
        expect(await client.evaluate('get', key)).to.equal('');
        expect(await client.evaluate('getPrivate', 'collOwn', key)).to.equal('');
    });

    it('can be deleted', async () => {
        const key = freshKey();
        await put('collA', key, 'secret');
        await client.must('delPrivate', 'collA', key);
        expect(await client.evaluate('getPrivate', 'collA', key)).to.equal('');
        expect(await client.evaluate('getPrivateHash', 'collA', key)).to.equal('');
    });

    it('can be purged', async () => {
        const key = freshKey();
        await put('collA', key, 'secret');
        const transaction = await client.endorse('purgePrivate', ['collA', key]);
        const [write] = readWriteSetOf(transaction, target.current.lab).collections[0]!.writes;
        expect(write).to.include({ isPurge: true, isDelete: true });
        const [code] = await race(transaction);
        expect(code).to.equal('VALID');
        expect(await client.evaluate('getPrivate', 'collA', key)).to.equal('');
    });

    it('is in ranges by key', async () => {
        const prefix = `${freshKey('p')}-`;
        for (const end of ['b', 'a', 'c']) await put('collA', prefix + end, end);
        const rows = await client.ask<{ value: string }[]>(
            'privateRange',
            'collA',
            prefix,
            `${prefix}~`,
            '',
        );
        expect(rows.map(({ value }) => value)).to.deep.equal(['a', 'b', 'c']);
    });

    it('ranges do not go together with a write', async () => {
        const prefix = `${freshKey('p')}-`;
        await put('collA', `${prefix}a`, 'a');
        const failure = await failureOf(
            client.endorse('privateRange', ['collA', prefix, `${prefix}~`, freshKey()]),
        );
        expect(failure.status).to.equal('ABORTED');
    });

    it('conflicts like public data', async () => {
        const key = freshKey();
        await put('collA', key, '0');
        const transactions = await Promise.all([
            client.endorse('incPrivate', ['collA', key]),
            client.endorse('incPrivate', ['collA', key]),
        ]);
        expect(await race(...transactions)).to.deep.equal(['VALID', 'MVCC_READ_CONFLICT']);
        expect(await client.evaluate('getPrivate', 'collA', key)).to.equal('1');
    });

    it('conflicts when only the hash was read, too', async () => {
        const key = freshKey();
        await put('collA', key, 'old');
        const reader = await client.endorse('getPrivateHash', ['collA', key]);
        const writer = await client.endorse('putPrivate', ['collA', key], {
            transientData: { value: 'new' },
        });
        expect(await race(writer, reader)).to.deep.equal(['VALID', 'MVCC_READ_CONFLICT']);
    });

    it('is not to be had from an organisation that is no member', async function () {
        target.current.needs(this, 'two organisations');
        const key = freshKey();
        const proposal = client.contract.newProposal('putPrivate', {
            arguments: ['collOwn', key],
            transientData: { value: 'x' },
            endorsingOrganizations: ['Org1MSP'],
        });
        await (await (await proposal.endorse()).submit()).getStatus();
        const failure = await failureOf(
            client.contract.evaluate('getPrivate', {
                arguments: ['collOwn', key],
                endorsingOrganizations: ['Org2MSP'],
            }),
        );
        expect(failure.text).to.match(/private data|collection|available/i);
    });

    it('goes after as many blocks as its collection says', async function () {
        target.current.needs(this, 'two organisations');
        const key = freshKey();
        const endorsed = await client.endorse('putPrivate', ['collShort', key], {
            transientData: { value: 'gone soon' },
            endorsingOrganizations: ['Org1MSP', 'Org2MSP'],
        });
        expect(await race(endorsed)).to.deep.equal(['VALID']);
        const read = async (): Promise<string> => {
            const result = await client.contract.evaluate('getPrivate', {
                arguments: ['collShort', key],
                endorsingOrganizations: ['Org1MSP'],
            });
            return Buffer.from(result).toString();
        };
        expect(await read()).to.equal('gone soon');
        for (let block = 0; block < 5; block++) await client.must('put', freshKey(), 'x');
        expect(await read()).to.equal('');
    });

    it('does not leave its collection’s members unless the client says so', async function () {
        target.current.needs(this, 'two organisations');
        const failure = await failureOf(put('collShort', freshKey(), 'x'));
        expect(failure.status).to.equal('FAILED_PRECONDITION');
        expect(failure.text).to.contain('collShort');
    });

    it('of a collection that is not there is refused', async () => {
        const failure = await failureOf(put('noSuchCollection', freshKey(), 'x'));
        expect(failure.status).to.equal('ABORTED');
        expect(failure.text).to.contain('noSuchCollection');
    });

    it('is delivered to the peers of its members with the block', async () => {
        const key = freshKey();
        const { block } = await put('collA', key, 'secret');
        const network = client.gateway.getNetwork(client.channel);
        const events = await network.getBlockAndPrivateDataEvents({ startBlock: BigInt(block) });
        try {
            for await (const event of events) {
                const map = event.getPrivateDataMapMap();
                expect(event.getBlock()?.getHeader()?.getNumber()).to.equal(block);
                const found: string[] = [];
                map.forEach((set) => {
                    for (const namespace of set.getNsPvtRwsetList()) {
                        for (const each of namespace.getCollectionPvtRwsetList()) {
                            found.push(each.getCollectionName());
                            expect(Buffer.from(each.getRwset_asU8()).includes('secret')).to.equal(
                                true,
                            );
                        }
                    }
                });
                expect(found).to.deep.equal(['collA']);
                break;
            }
        } finally {
            events.close();
        }
    });
});
