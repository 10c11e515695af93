import type { Transaction } from '@hyperledger/fabric-gateway';
import { decodePreparedTransaction } from '@goodput/rwset';
import { expect } from 'chai';
import { freshKey, race, type Client } from './support/client.js';
import { failureOf } from './support/failure.js';
import { useTarget } from './support/target.js';

const FAILURE = 'ENDORSEMENT_POLICY_FAILURE';

describe('endorsement policies', () => {
    const target = useTarget();
    let client: Client;
    before(function () {
        client = target.current.client({ identity: target.current.user('Org1MSP').name });
    });
    beforeEach(function () {
        target.current.needs(this, 'two organisations');
    });

    function by(organizations: string[], name: string, ...args: string[]): Promise<Transaction> {
        return client.endorse(name, args, { endorsingOrganizations: organizations });
    }

    function endorsers(transaction: Transaction): string[] {
        const { endorsers } = decodePreparedTransaction(transaction.getBytes());
        return endorsers.map(({ mspId }) => mspId).sort();
    }

    it('are satisfied by whom the gateway finds by itself', async () => {
        const transaction = await client.endorse('put', [freshKey(), 'x']);
        expect(endorsers(transaction)).to.deep.equal(['Org1MSP', 'Org2MSP']);
        expect(await race(transaction)).to.deep.equal(['VALID']);
    });

    it('are not satisfied by one organisation where a majority of two is needed', async () => {
        const key = freshKey();
        const transaction = await by(['Org1MSP'], 'put', key, 'x');
        expect(endorsers(transaction)).to.deep.equal(['Org1MSP']);
        expect(await race(transaction)).to.deep.equal([FAILURE]);
        expect(await client.evaluate('get', key)).to.equal('');
    });

    it('are not satisfied for a transaction that writes nothing either', async () => {
        expect(await race(await by(['Org2MSP'], 'init'))).to.deep.equal([FAILURE]);
    });

    it('are satisfied by all who are named', async () => {
        const transaction = await by(['Org2MSP', 'Org1MSP'], 'put', freshKey(), 'x');
        expect(await race(transaction)).to.deep.equal(['VALID']);
    });

    it('cannot be met by an organisation without peers', async () => {
        const failure = await failureOf(by(['Org9MSP'], 'put', freshKey(), 'x'));
        expect(failure.status).to.equal('UNAVAILABLE');
        expect(failure.text).to.contain('Org9MSP');
    });

    it('of a failed transaction leave the keys for the next', async () => {
        const key = freshKey();
        await client.must('put', key, '0');
        const failing = await by(['Org1MSP'], 'inc', key);
        const good = await client.endorse('inc', [key]);
        expect(await race(failing, good)).to.deep.equal([FAILURE, 'VALID']);
    });

    it('come before read conflicts', async () => {
        const key = freshKey();
        await client.must('put', key, '0');
        const [first, second] = [
            await client.endorse('inc', [key]),
            await by(['Org1MSP'], 'inc', key),
        ];
        expect(await race(first, second)).to.deep.equal(['VALID', FAILURE]);
    });

    it('need the same result of every endorser, and the gateway says if it was not', async () => {
        const failure = await failureOf(client.endorse('random', [freshKey()]));
        expect(failure.status).to.equal('ABORTED');
        expect(failure.text).to.contain('ProposalResponsePayloads do not match');
    });

    describe('of single keys', () => {
        async function ownedKey(...msps: string[]): Promise<string> {
            const key = freshKey();
            await client.must('put', key, '0');
            await client.must('setKeyPolicy', key, JSON.stringify(msps));
            return key;
        }

        it('can be read back', async () => {
            const key = await ownedKey('Org2MSP', 'Org1MSP');
            const orgs = await client.ask<string[]>('getKeyPolicy', key);
            expect(orgs.sort()).to.deep.equal(['Org1MSP', 'Org2MSP']);
            expect(await client.ask('getKeyPolicy', freshKey())).to.deep.equal([]);
        });

        it('replace the chaincode’s: fewer may be enough', async () => {
            const key = await ownedKey('Org1MSP');
            expect(await race(await by(['Org1MSP'], 'inc', key))).to.deep.equal(['VALID']);
        });

        it('replace the chaincode’s: others may be needed', async () => {
            const key = await ownedKey('Org2MSP');
            expect(await race(await by(['Org1MSP'], 'inc', key))).to.deep.equal([FAILURE]);
            expect(await race(await by(['Org2MSP'], 'inc', key))).to.deep.equal(['VALID']);
        });

        it('are known to the gateway', async () => {
            const key = await ownedKey('Org2MSP');
            const transaction = await client.endorse('put', [key, 'x']);
            expect(endorsers(transaction)).to.include('Org2MSP');
            expect(await race(transaction)).to.deep.equal(['VALID']);
        });

        it('do not count for other keys of the transaction', async () => {
            const [own, other] = [await ownedKey('Org1MSP'), freshKey()];
            expect(await race(await by(['Org1MSP'], 'copy', own, other))).to.deep.equal([FAILURE]);
        });

        it('do not matter for reading', async () => {
            const key = await ownedKey('Org2MSP');
            expect(await client.evaluate('get', key)).to.equal('0');
        });

        it('are changed only by those they name', async () => {
            const key = await ownedKey('Org2MSP');
            const change = ['setKeyPolicy', key, '["Org1MSP"]'] as const;
            expect(await race(await by(['Org1MSP'], ...change))).to.deep.equal([FAILURE]);
            expect(await race(await by(['Org2MSP'], ...change))).to.deep.equal(['VALID']);
            expect(await client.ask('getKeyPolicy', key)).to.deep.equal(['Org1MSP']);
        });

        it('stay with the key when it is written', async () => {
            const key = await ownedKey('Org1MSP');
            await race(await by(['Org1MSP'], 'put', key, 'new'));
            expect(await client.ask('getKeyPolicy', key)).to.deep.equal(['Org1MSP']);
        });

        it('go with the key when it is deleted', async () => {
            const key = await ownedKey('Org1MSP');
            await race(await by(['Org1MSP'], 'del', key));
            expect(await client.ask('getKeyPolicy', key)).to.deep.equal([]);
            expect(await race(await by(['Org1MSP'], 'put', key, 'x'))).to.deep.equal([FAILURE]);
        });

        it('of which one changes in a block: a later write in it is not valid', async function () {
            target.current.needs(this, 'an embedded network');
            const devnet = target.current.devnet!;
            const key = await ownedKey('Org1MSP', 'Org2MSP');
            const change = await client.endorse('setKeyPolicy', [key, '["Org1MSP"]']);
            const write = await client.endorse('put', [key, 'x']);
            devnet.setBlockSettings({ timeoutMs: 'manual' });
            try {
                const submitted = [await change.submit(), await write.submit()];
                await devnet.cutBlock();
                const codes = await Promise.all(
                    submitted.map(async (each) => (await each.getStatus()).code),
                );
                expect(codes).to.deep.equal([0, 10]);
            } finally {
                devnet.setBlockSettings({ timeoutMs: 25 });
            }
        });
    });

    describe('of collections', () => {
        const transientData = { value: 'x' };

        it('replace the chaincode’s', async () => {
            const transaction = await client.endorse('putPrivate', ['collOwn', freshKey()], {
                transientData,
                endorsingOrganizations: ['Org1MSP'],
            });
            expect(await race(transaction)).to.deep.equal(['VALID']);
        });

        it('are the chaincode’s where a collection has none', async () => {
            const transaction = await client.endorse('putPrivate', ['collShort', freshKey()], {
                transientData,
                endorsingOrganizations: ['Org1MSP'],
            });
            expect(await race(transaction)).to.deep.equal([FAILURE]);
        });

        it('are known to the gateway', async () => {
            const transaction = await client.endorse('putPrivate', ['collOwn', freshKey()], {
                transientData,
            });
            expect(endorsers(transaction)).to.deep.equal(['Org1MSP']);
            expect(await race(transaction)).to.deep.equal(['VALID']);
        });
    });
});
