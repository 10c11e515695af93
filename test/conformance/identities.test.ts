import { resolveProfile } from '@goodput/network';
import type { Enrolment } from '@goodput/devnet';
import { expect } from 'chai';
import { connectTo, freshKey, type Client } from './support/client.js';
import { failureOf } from './support/failure.js';
import { useTarget } from './support/target.js';

describe('identities', () => {
    const target = useTarget();
    const clients: Client[] = [];
    afterEach(() => {
        for (const each of clients.splice(0)) each.close();
    });

    /** Enrols somebody anew and connects as them; only an embedded network's authority is at hand. */
    async function newcomer(
        context: Mocha.Context,
        enrolment: Omit<Enrolment, 'name' | 'role'> & { role?: 'client' | 'admin' } = {},
    ): Promise<Client> {
        target.current.needs(context, 'an embedded network');
        const devnet = target.current.devnet!;
        const name = freshKey('user');
        await devnet.organization('Org1MSP').enrol({ name, ...enrolment });
        const network = resolveProfile(devnet.profile);
        const identity = network.identities.find((each) => each.name.startsWith(name))!.name;
        const client = connectTo(network, target.current.lab, { identity });
        clients.push(client);
        return client;
    }

    it('of every organisation may evaluate and submit', async () => {
        for (const mspId of target.current.organizations) {
            const client = target.current.client({ identity: target.current.user(mspId).name });
            const key = freshKey();
            expect((await client.submit('put', [key, mspId])).code).to.equal('VALID');
            expect(await client.evaluate('get', key)).to.equal(mspId);
        }
    });

    it('of administrators may, too', async function () {
        target.current.needs(this, 'an administrator');
        const client = target.current.client({ identity: target.current.admin!.name });
        expect((await client.submit('put', [freshKey(), 'x'])).code).to.equal('VALID');
    });

    it('enrolled while the network runs may at once', async function () {
        const client = await newcomer(this);
        expect((await client.submit('put', [freshKey(), 'x'])).code).to.equal('VALID');
    });

    it('are told apart by attributes', async function () {
        const client = await newcomer(this, { attributes: { ward: '3', 'a.b': 'c' } });
        expect(await client.evaluate('attribute', 'ward')).to.equal('3');
        expect(await client.evaluate('attribute', 'a.b')).to.equal('c');
        expect(await client.evaluate('attribute', 'hf.Type')).to.equal('client');
    });

    it('with Ed25519 keys work where the channel knows them', async function () {
        const client = await newcomer(this, { keyType: 'ed25519' });
        expect((await client.submit('put', [freshKey(), 'x'])).code).to.equal('VALID');
    });

    it('are refused once they have expired', async function () {
        const client = await newcomer(this, { notAfter: new Date(Date.now() - 60_000) });
        const failure = await failureOf(client.evaluate('get', 'k'));
        expect(failure.text).to.match(/expired/i);
        const endorse = await failureOf(client.endorse('put', [freshKey(), 'x']));
        expect(endorse.text).to.match(/expired/i);
    });

    it('with two roles are none', async function () {
        const client = await newcomer(this, { ou: 'admin' });
        const failure = await failureOf(client.evaluate('get', 'k'));
        expect(failure.text).to.match(/access denied|creator/i);
    });
});
