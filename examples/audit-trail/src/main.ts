// Who may read, who did, and a proof of it that needs no ledger.
import {
    AccessPolicyContract,
    auditKeys,
    AuditLogContract,
    patientPseudonym,
    verifyAuditProof,
    type AccessDecision,
    type AuditPage,
    type AuditProof,
    type StoredSeal,
} from '@goodput/contracts';
import { startNetwork } from '@goodput/devnet';
import { TestClient, TestClock } from '@goodput/devnet/testing';

const policy = {
    format: 'goodput.policy/1',
    title: 'Ward 7',
    roles: { nurse: { holders: [{ attribute: 'role', equals: 'nurse' }] } },
    rules: [
        {
            id: 'nurses-read',
            effect: 'permit',
            principals: [{ role: 'nurse' }],
            actions: ['read'],
            resources: ['note'],
        },
    ],
};

// The secret stays with the hospital; the ledger never sees the number.
const patient = patientPseudonym(Buffer.from('a secret from your key store'), 'MRN-4711');
const request = { action: 'read', resource: { type: 'note', id: 'n1', patient }, purpose: 'TREAT' };

async function main(): Promise<void> {
    const clock = new TestClock();
    clock.set('2026-11-20T09:00:00Z');
    const network = await startNetwork({ block: { timeoutMs: 5 }, clock: clock.now });
    await network.deploy({ name: 'trail', contracts: [AuditLogContract, AccessPolicyContract] });
    const hospital = network.organization();
    await hospital.enrol({ name: 'nina', attributes: { role: 'nurse' } });
    for (const name of ['ann', 'bob']) await hospital.enrol({ name, role: 'admin' });
    const clients = ['ann', 'bob', 'nina', 'user1'].map(
        (user) => new TestClient(network, { user, clock: clock.now }),
    );
    const [ann, bob, nina, visitor] = clients.map((client) => client.contract('trail'));
    if (!ann || !bob || !nina || !visitor) throw new Error('somebody is missing');

    // Two people put a policy into force.
    const text = JSON.stringify(policy);
    const saved = await ann.submit('AccessPolicyContract:saveDraft', 'default', '*', text, '0');
    const { hash } = JSON.parse(saved.result) as { hash: string };
    await bob.submit('AccessPolicyContract:activate', 'default', '*', hash);

    // Each access is decided and recorded in one transaction, a denial too.
    const ask = async (who: typeof nina): Promise<AccessDecision> => {
        const { result } = await who.submit('access', JSON.stringify(request));
        return JSON.parse(result) as AccessDecision;
    };
    console.log((await ask(nina)).effect); // => PERMIT
    console.log((await ask(visitor)).effect); // => DENY

    const wanted = { tenant: 'default', patient, from: 0, to: clock.now().getTime() + 1 };
    const { events } = JSON.parse(await ann.evaluate('query', JSON.stringify(wanted))) as AuditPage;
    console.log(events.length); // => 2
    const [event] = events;
    if (event === undefined) throw new Error('nothing was recorded');

    // When the day is over, its shards are sealed.
    clock.set('2026-11-21T01:00:00Z');
    const day = Date.parse('2026-11-20');
    for (let shard = 0; shard < 16; shard++) {
        const sealed = await ann.submit('seal', 'default', String(shard), '2026-11-20');
        const seal = JSON.parse(sealed.result) as StoredSeal;
        const { at, tx, seq } = event;
        const key = auditKeys.event.build({ tenant: 'default', day, shard, at, tx, seq });
        const proof = await ann.evaluate('prove', 'default', key).catch(() => undefined);
        if (proof === undefined) continue; // the event is in another shard
        const given = JSON.parse(proof) as AuditProof;
        const trusted = { size: seal.chainSize, root: seal.chainRoot };
        console.log(verifyAuditProof(given, trusted)); // => true
        const forged = { ...given, record: { ...(given.record as object), outcome: 'error' } };
        console.log(verifyAuditProof(forged, trusted)); // => false
    }
    for (const client of clients) client.close();
    await network.stop();
}

void main();
