import { expectCodes, useNetwork } from '@goodput/devnet/testing';
import { expect } from 'chai';
import { contracts } from './index.js';

const start = Date.UTC(2026, 10, 20, 9);
const planted = 'Jane Q. Roe';
const policy = {
    format: 'goodput.policy/1',
    title: 'Hospital',
    roles: { nurse: { holders: [{ attribute: 'role', equals: 'nurse' }] } },
    rules: [
        {
            id: 'nurses',
            effect: 'permit',
            principals: [{ role: 'nurse' }],
            actions: ['create', 'read', 'update'],
            resources: ['vital', 'order', 'note', 'appointment', 'worklist', 'charge'],
            purposes: ['TREAT'],
        },
    ],
};

interface Answer {
    readonly decision: { readonly effect: string };
    readonly result?: unknown;
}

describe('the clinical chaincode', function () {
    this.timeout(120_000);
    const collections = ['clinicalNotes', 'auditDetail'].map((name) => ({
        name,
        policy: "OR('Org1MSP.member')",
    }));
    const fabric = useNetwork({
        chaincodes: [{ name: 'clinical', contracts, collections }],
        prepare: async ({ network }) => {
            const organization = network.organization('Org1MSP');
            await organization.enrol({ name: 'nina', attributes: { role: 'nurse' } });
            for (const name of ['ann', 'bob']) await organization.enrol({ name, role: 'admin' });
            fabric.clock.set(start);
            const saved = await as('ann').submit(
                'AccessPolicyContract:saveDraft',
                'default',
                '*',
                JSON.stringify(policy),
                '0',
            );
            const { hash } = JSON.parse(saved.result) as { hash: string };
            await as('bob').submit('AccessPolicyContract:activate', 'default', '*', hash);
        },
    });
    beforeEach(() => {
        fabric.clock.set(start);
    });
    const as = (user: string) => fabric.contract('clinical', { user });

    async function call(user: string, name: string, ...args: string[]): Promise<Answer> {
        const { code, result } = await as(user).submit(name, ...args);
        expect(code).to.equal('VALID');
        return JSON.parse(result) as Answer;
    }

    async function audited(): Promise<string[]> {
        const query = JSON.stringify({ tenant: 'default', from: start, to: start + 1 });
        const page = await as('ann').evaluate('AuditLogContract:query', query);
        const { events } = JSON.parse(page) as {
            events: { action: string; resource: { type: string }; outcome: string }[];
        };
        return events.map(
            ({ action, resource, outcome }) => `${action} ${resource.type} ${outcome}`,
        );
    }

    it('does what is permitted, refuses the rest by an answer, and records both', async () => {
        const permitted = await call('nina', 'recordVital', 'p1', 'heart-rate', '72', 'TREAT');
        expect(permitted).to.deep.include({ result: 72 });
        for (const [user, purpose] of [
            ['user1', 'TREAT'],
            ['nina', 'MARKETING'],
        ] as const) {
            const denied = await call(user, 'recordVital', 'p1', 'heart-rate', '72', purpose);
            expect(denied).not.to.have.property('result');
            expect(denied.decision.effect).to.equal('DENY');
        }
        const window = JSON.stringify({ from: start, to: start + 1 });
        const read = await call('nina', 'readVitals', 'p1', 'heart-rate', window, 'TREAT');
        expect(read.result).to.deep.equal([{ at: start, value: 72 }]);
        expect((await audited()).sort()).to.deep.equal([
            'create vital deny',
            'create vital deny',
            'create vital permit',
            'read vital permit',
        ]);
    });

    it('takes readings from everybody at once', async () => {
        const nina = as('nina');
        const proposals = Array.from({ length: 30 }, (_, index) =>
            nina.propose('recordVital', 'p1', 'spo2', String(index), 'TREAT'),
        );
        const outcomes = await fabric.conflict(...proposals);
        expectCodes(outcomes, ...Array<'VALID'>(30).fill('VALID'));
    });

    it('moves orders on by version, and books nobody twice', async () => {
        const order = JSON.stringify({ code: 'x-ray', ward: 'icu', dueAt: start });
        const { result: id } = await call('nina', 'placeOrder', 'p1', order, 'TREAT');
        const due = await call('nina', 'dueOrders', 'icu', 'TREAT');
        expect(due.result).to.have.length(1);
        const change = ['changeOrder', 'p1', String(id), 'completed', '1', 'TREAT'] as const;
        expectCodes(
            await fabric.conflict(as('nina').propose(...change), as('nina').propose(...change)),
            'VALID',
            'MVCC_READ_CONFLICT',
        );
        const slot = [String(start), String(start + 900_000), 'TREAT'] as const;
        expectCodes(
            await fabric.conflict(
                as('nina').propose('book', 'dr-7', 'p1', ...slot),
                as('nina').propose('book', 'dr-7', 'p2', ...slot),
            ),
            'VALID',
            'MVCC_READ_CONFLICT',
        );
    });

    it('adds charges up', async () => {
        for (const amount of ['10.25', '-0.25']) {
            await call('nina', 'BillingContract:charge', 'acc-1', amount, 'TREAT');
        }
        const { result } = await call('nina', 'BillingContract:balance', 'acc-1', 'TREAT');
        expect(result).to.equal('10.00');
    });

    it('keeps the text of a note off the ledger, and gives it to whoever opened the note', async () => {
        const note = JSON.stringify({ salt: 'sixteen characters', text: `${planted} slept well` });
        const endorsed = await as('nina')
            .proposeWith('addNote', { arguments: ['p1', 'TREAT'], transientData: { note } })
            .endorse();
        expectCodes(await fabric.inOneBlock(endorsed), 'VALID');
        const { result: hash } = JSON.parse(Buffer.from(endorsed.getResult()).toString()) as Answer;
        const closed = await as('nina')
            .evaluate('readNote', 'p1', String(hash))
            .catch(() => 'closed');
        expect(closed).to.equal('closed');
        await call('nina', 'openNote', 'p1', String(hash), 'TREAT');
        const text = await as('nina').evaluate('readNote', 'p1', String(hash));
        expect(text).to.equal(`${planted} slept well`);
        fabric.clock.set(start + 5 * 60_000);
        const late = await as('nina')
            .evaluate('readNote', 'p1', String(hash))
            .catch(() => 'closed');
        expect(late).to.equal('closed');
        await expectNowhereOnTheLedger();
    });

    /** Every byte of every block: keys, values, events and answers. */
    async function expectNowhereOnTheLedger(): Promise<void> {
        // Requests for blocks carry the client's own time.
        fabric.clock.resume();
        const { gateway } = fabric.client({ user: 'nina' });
        const events = await gateway.getNetwork('mychannel').getBlockEvents({ startBlock: 0n });
        const last = fabric.network.channel().ledger.height - 1;
        let bytes = 0;
        let block = 0;
        try {
            for await (const each of events) {
                const raw = Buffer.from(each.serializeBinary());
                bytes += raw.length;
                expect(raw.includes(planted), `block ${block}`).to.equal(false);
                if (block++ === last) break;
            }
        } finally {
            events.close();
        }
        // The search would find something that is there.
        expect(bytes).to.be.greaterThan(10_000);
    }
});
