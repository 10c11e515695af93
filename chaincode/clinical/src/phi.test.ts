import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { expectCodes, useNetwork } from '@goodput/devnet/testing';
import { expect } from 'chai';

const start = Date.UTC(2026, 10, 20, 9);
const json = (value: unknown): string => JSON.stringify(value);
/** Names nobody has, each put where it might leak from. */
const planted = {
    note: 'Quillfeather Roe',
    detail: 'Marmaduke Oyelaran',
    patient: 'Zebedee Plant',
    argument: 'Thistlewood Okonkwo',
    consent: 'Ermintrude Vance',
    record: 'Balthazar Nkemelu',
};
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
        },
    ],
    breakGlass: {
        roles: ['nurse'],
        actions: ['read'],
        resources: ['*'],
        reasons: ['EMERGENCY'],
        maxMs: 60_000,
    },
};

describe('a whole run of the clinical chaincode, in a process of its own,', function () {
    this.timeout(180_000);
    const printed: string[] = [];
    const said: string[] = [];
    const fabric = useNetwork({
        startTimeoutMs: 120_000,
        reset: 'never',
        chaincodes: [
            {
                name: 'clinical',
                folder: dirname(__dirname),
                onOutput: (text) => printed.push(text),
                collections: ['clinicalNotes', 'auditDetail'].map((name) => ({
                    name,
                    policy: "OR('Org1MSP.member')",
                })),
            },
        ],
        prepare: async ({ network }) => {
            const organization = network.organization('Org1MSP');
            await organization.enrol({ name: 'nina', attributes: { role: 'nurse' } });
            for (const name of ['ann', 'bob']) await organization.enrol({ name, role: 'admin' });
            fabric.clock.set(start);
        },
    });
    const as = (user: string) => fabric.contract('clinical', { user });

    async function done(user: string, name: string, ...args: string[]): Promise<unknown> {
        const { code, result } = await as(user).submit(name, ...args);
        expect(code, name).to.equal('VALID');
        return result === '' ? undefined : JSON.parse(result);
    }

    /** Submits with transient input; nothing of that input may stay. */
    async function doneWith(name: string, args: string[], input: object): Promise<unknown> {
        const options = {
            arguments: args,
            transientData: Object.fromEntries(Object.entries(input).map(([k, v]) => [k, json(v)])),
        };
        const endorsed = await as('nina').proposeWith(name, options).endorse();
        expectCodes(await fabric.inOneBlock(endorsed), 'VALID');
        return JSON.parse(Buffer.from(endorsed.getResult()).toString());
    }

    /** A call that must be refused; what the client is told is kept. */
    async function refused(user: string, name: string, ...args: string[]): Promise<void> {
        await as(user)
            .submit(name, ...args)
            .then(
                ({ code }) => {
                    throw new Error(`${name} was not refused but ${code}`);
                },
                (error: unknown) => {
                    const { message, details = [] } = error as Error & { details?: unknown[] };
                    said.push(message, json(details));
                },
            );
    }

    const salt = 'a salt of more than sixteen characters';
    const record = { action: 'read', purpose: 'TREAT', outcome: 'permit' };

    async function wholeRun(): Promise<void> {
        const drafted = await done(
            'ann',
            'AccessPolicyContract:saveDraft',
            'default',
            '*',
            json(policy),
            '0',
        );
        const { hash } = drafted as { hash: string };
        await done('bob', 'AccessPolicyContract:activate', 'default', '*', hash);
        await done('nina', 'recordVital', 'p1', 'spo2', '97', 'TREAT');
        await done('user1', 'recordVital', 'p1', 'spo2', '97', 'TREAT');
        const note = { salt, text: `${planted.note} slept well` };
        const added = (await doneWith('addNote', ['p1', 'TREAT'], { note })) as { result: string };
        await done('nina', 'openNote', 'p1', added.result, 'TREAT');
        expect(await as('nina').evaluate('readNote', 'p1', added.result)).to.contain(planted.note);
        const access = { action: 'read', resource: { type: 'note', id: 'n1', patient: 'p1' } };
        const detail = { salt, detail: { caller: planted.detail } };
        await doneWith('AuditLogContract:access', [json({ ...access, purpose: 'TREAT' })], {
            auditDetail: detail,
        });
        await done(
            'nina',
            'AccessPolicyContract:breakGlass',
            'default',
            'p1',
            'EMERGENCY',
            '60000',
        );
        const consent = [{ id: 'c1', status: 'active', provision: { type: 'permit' } }];
        await done('ann', 'AccessPolicyContract:putConsents', 'default', 'p1', json(consent), '0');
    }

    async function everyMistake(): Promise<void> {
        const [named, argument] = [planted.patient, planted.argument];
        await refused('nina', 'recordVital', named, 'spo2', '97', 'TREAT');
        await refused('nina', 'recordVital', 'p1', 'spo2', argument, 'TREAT');
        await refused('nina', 'readVitals', 'p1', 'spo2', `{"from": ${argument}`, 'TREAT');
        await refused('nina', 'placeOrder', 'p1', `{"code": "${argument}"`, 'TREAT');
        await refused('nina', 'changeOrder', 'p1', argument, argument, argument, 'TREAT');
        await refused('nina', 'openNote', named, 'x', 'TREAT');
        await refused('nina', 'readNote', named, argument);
        await refused('nina', 'book', 'dr-7', named, '0', argument, 'TREAT');
        await refused('nina', 'BillingContract:charge', 'a1', argument, 'TREAT');
        await refused('nina', argument, argument);
        await refused('nina', 'executeBatch', argument);
        const policies = 'AccessPolicyContract:';
        await refused(
            'ann',
            `${policies}saveDraft`,
            'default',
            '*',
            json({ title: argument }),
            '1',
        );
        await refused('ann', `${policies}putConsents`, 'default', named, '[]', '0');
        await refused('ann', `${policies}grant`, 'default', named, json({ id: argument }));
        await refused('ann', `${policies}joinCareTeam`, 'default', named, argument, '{}');
        await refused('nina', `${policies}breakGlass`, 'default', named, argument, '1000');
        const fhir = { resourceType: 'Consent', id: 'c', status: 'active', provision: {} };
        const narrative = json([{ ...fhir, text: { div: planted.consent } }]);
        await refused('ann', `${policies}putFhirConsents`, 'default', 'p1', narrative, '1');
        const whose = json([{ ...fhir, patient: { display: planted.consent } }]);
        await refused('ann', `${policies}putFhirConsents`, 'default', 'p1', whose, '1');
        const resource = { type: 'note', id: planted.record };
        await refused(
            'nina',
            'AuditLogContract:append',
            'default',
            json([{ ...record, resource }]),
        );
        const patient = { ...record, resource: { type: 'note', id: 'n' }, patient: planted.record };
        await refused('nina', 'AuditLogContract:append', 'default', json([patient]));
        await refused('ann', 'AuditLogContract:query', json({ tenant: 'default', who: argument }));
        await refused('ann', 'AuditLogContract:prove', 'default', argument);
    }

    it('leaves no planted name in a block, an event, a log or an error', async () => {
        await wholeRun();
        await everyMistake();
        // The searches find what is there: the blocks have the pseudonym, the log the errors' codes.
        const ledger = await wholeLedger();
        expect(ledger.includes('p1')).to.equal(true);
        expect(printed.join('')).to.contain('POLICY_INVALID');
        expect(said.join('')).to.contain('POLICY_INVALID');
        for (const [where, name] of Object.entries(planted)) {
            const encoded = Buffer.from(name).toString('base64').slice(0, -4);
            for (const needle of [name, ...name.split(' '), encoded]) {
                const leaks = {
                    ledger: ledger.includes(needle),
                    printed: printed.join('').includes(needle),
                    said: said.join('').includes(needle),
                };
                expect(leaks, `${where}: ${needle}`).to.deep.equal({
                    ledger: false,
                    printed: false,
                    said: false,
                });
            }
        }
        // Nor can what is private be guessed from its hash: without the salt nothing there has it.
        for (const text of [
            planted.note,
            `${planted.note} slept well`,
            planted.detail,
            json({ caller: planted.detail }),
            json({ detail: { caller: planted.detail } }),
        ]) {
            const hash = createHash('sha256').update(text).digest();
            expect(ledger.includes(hash)).to.equal(false);
            expect(ledger.includes(hash.toString('hex'))).to.equal(false);
        }
    });

    /** Every byte of every block: keys, values, hashes of private data, events, answers, arguments. */
    async function wholeLedger(): Promise<Buffer> {
        // Requests for blocks carry the client's own time.
        fabric.clock.resume();
        const { gateway } = fabric.client({ user: 'nina' });
        const events = await gateway.getNetwork('mychannel').getBlockEvents({ startBlock: 0n });
        const last = fabric.network.channel().ledger.height - 1;
        const blocks: Buffer[] = [];
        try {
            for await (const block of events) {
                blocks.push(Buffer.from(block.serializeBinary()));
                if (blocks.length > last) break;
            }
        } finally {
            events.close();
        }
        return Buffer.concat(blocks);
    }
});
