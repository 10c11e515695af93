import { resolveProfile } from '@goodput/network';
import { expect } from 'chai';
import { freshKey } from './support/client.js';
import { failureOf } from './support/failure.js';
import { Target, useTarget } from './support/target.js';

describe('evaluating a transaction', () => {
    const target = useTarget();

    it('gives what the chaincode returned', async () => {
        const client = target.current.client();
        const key = freshKey();
        await client.must('put', key, 'value');
        expect(await client.evaluate('get', key)).to.equal('value');
    });

    it('gives an empty answer for a key that is not there', async () => {
        expect(await target.current.client().evaluate('get', freshKey())).to.equal('');
    });

    it('leaves the ledger as it was', async () => {
        const client = target.current.client();
        const key = freshKey();
        expect(await client.evaluate('inc', key)).to.equal('1');
        expect(await client.evaluate('inc', key)).to.equal('1');
        expect(await client.evaluate('get', key)).to.equal('');
    });

    it('passes arguments on byte for byte, empty ones too', async () => {
        const client = target.current.client();
        const args = ['', 'ä€😀', '{"a":1}', 'x'.repeat(10_000), ' '];
        expect(await client.ask('args', ...args)).to.deep.equal(args);
    });

    it('passes transient data on', async () => {
        const client = target.current.client();
        const result = await client.contract.evaluate('transient', {
            arguments: ['secret'],
            transientData: { secret: 'not on the ledger', other: 'x' },
        });
        expect(Buffer.from(result).toString()).to.equal('not on the ledger');
    });

    it('fails with the chaincode’s own message, and says which peer said so', async () => {
        const { current } = target;
        const failure = await failureOf(current.client().evaluate('fail', 'no such luck'));
        expect(failure.status).to.equal('UNKNOWN');
        expect(failure.text).to.contain('chaincode response 500, no such luck');
        expect(failure.details).to.have.length(1);
        expect(current.organizations).to.include(failure.details[0]!.mspId);
        expect(failure.details[0]!.address).to.match(/:\d+$/);
    });

    it('fails for a function the contract does not have', async () => {
        const failure = await failureOf(target.current.client().evaluate('noSuchFunction'));
        expect(failure.status).to.equal('UNKNOWN');
        expect(failure.text).to.contain("You've asked to invoke a function that does not exist");
    });

    it('fails for too few arguments only if the contract minds', async () => {
        const failure = await failureOf(target.current.client().evaluate('getAll'));
        expect(failure.status).to.equal('UNKNOWN');
    });

    it('fails for a chaincode that is not there', async () => {
        const client = target.current.client();
        const contract = client.gateway.getNetwork(client.channel).getContract('absent');
        const failure = await failureOf(contract.evaluateTransaction('get', 'k'));
        expect(failure.status).to.be.oneOf(['UNAVAILABLE', 'FAILED_PRECONDITION', 'UNKNOWN']);
        expect(failure.text).to.contain('absent');
    });

    it('fails for a channel that is not there', async () => {
        const client = target.current.client();
        const contract = client.gateway.getNetwork('nosuchchannel').getContract('lab');
        const failure = await failureOf(contract.evaluateTransaction('get', 'k'));
        expect(failure.status).to.be.oneOf(['UNAVAILABLE', 'FAILED_PRECONDITION', 'NOT_FOUND']);
    });

    it('can be told which organisations’ peers to ask', async function () {
        target.current.needs(this, 'two organisations');
        const client = target.current.client();
        const key = freshKey();
        await client.must('put', key, 'everywhere');
        for (const mspId of target.current.organizations) {
            const result = await client.contract.evaluate('get', {
                arguments: [key],
                endorsingOrganizations: [mspId],
            });
            expect(Buffer.from(result).toString()).to.equal('everywhere');
        }
    });

    it('works over every peer of the profile', async () => {
        const { current } = target;
        const key = freshKey();
        await current.client().must('put', key, 'here');
        for (const { name } of current.network.peers) {
            const client = current.client({ peer: name });
            for (let tries = 0; (await client.evaluate('get', key)) === ''; tries++) {
                // Another peer may be a block behind the one that told of the commit.
                if (tries > 100) throw new Error(`${name} never got the block.`);
            }
            expect(await client.evaluate('get', key)).to.equal('here');
        }
    });

    it('runs many at a time', async () => {
        const client = target.current.client();
        const results = await Promise.all(
            Array.from({ length: 50 }, (_, index) => client.ask('args', String(index))),
        );
        expect(results).to.deep.equal(results.map((_, index) => [String(index)]));
    });
});

describe('what a chaincode knows of the transaction', () => {
    const target = useTarget();

    interface Known {
        msp: string;
        id: string;
        tx: string;
        channel: string;
        ts: { seconds: { low: number } | number; nanos: number };
        date: number;
        binding: string;
    }

    it('is the client’s identity', async () => {
        const { current } = target;
        for (const mspId of current.organizations) {
            const user = current.user(mspId);
            const known = await current.client({ identity: user.name }).ask<Known>('whoami');
            expect(known.msp).to.equal(mspId);
            expect(known.id).to.match(/^x509::\/.*CN=.*::\/.*CN=/);
        }
    });

    it('is its id, its channel and the client’s time', async () => {
        const client = target.current.client();
        const proposal = client.contract.newProposal('whoami');
        const before = Date.now();
        const known = JSON.parse(Buffer.from(await proposal.evaluate()).toString()) as Known;
        expect(known.tx).to.equal(proposal.getTransactionId());
        expect(known.tx).to.match(/^[0-9a-f]{64}$/);
        expect(known.channel).to.equal(client.channel);
        expect(Math.abs(known.date - before)).to.be.lessThan(60_000);
        expect(known.binding).to.match(/^[0-9a-f]{64}$/);
    });

    it('is another id every time', async () => {
        const client = target.current.client();
        const [first, second] = [
            await client.ask<Known>('whoami'),
            await client.ask<Known>('whoami'),
        ];
        expect(first.tx).to.not.equal(second.tx);
    });

    it('is the attributes of the client’s certificate', async function () {
        target.current.needs(this, 'an embedded network');
        const devnet = target.current.devnet!;
        await devnet.organization('Org1MSP').enrol({
            name: 'doctor',
            attributes: { ward: '3' },
        });
        const fresh = new Target(resolveProfile(devnet.profile));
        const name = fresh.network.identities.find((each) => each.name.startsWith('doctor'))!.name;
        const client = fresh.client({ identity: name });
        expect(await client.evaluate('attribute', 'ward')).to.equal('3');
        expect(await client.evaluate('attribute', 'hf.EnrollmentID')).to.equal('doctor');
        expect(await client.evaluate('attribute', 'none')).to.equal('');
        await fresh.close();
    });
});
