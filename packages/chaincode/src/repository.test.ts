import { expect } from 'chai';
import { defineIndexKey, defineKey, enumOf, part, string, uint } from '@goodput/keys';
import { MemoryLedger } from './memory-ledger.test.fixture.js';
import { indexOn, repository } from './repository.js';
import { all, codeOf, endorse, transact } from './transaction.test.fixture.js';
import { transient } from './transient.js';

const wards = ['icu', 'er'] as const;
const bedKey = defineKey({
    name: 'bed',
    layout: 'ordered',
    parts: [part('ward', enumOf(...wards)), part('number', uint())],
});
const byState = defineIndexKey({ name: 'bed.byState', on: [part('state', string())], row: bedKey });
const schema = {
    type: 'object',
    properties: {
        ward: { enum: wards },
        number: { type: 'integer', minimum: 1 },
        state: { type: 'string' },
    },
    required: ['ward', 'number'],
    additionalProperties: false,
} as const;

interface Bed {
    readonly ward: 'icu' | 'er';
    readonly number: number;
    readonly state?: string;
}

const beds = repository(bedKey, schema, {
    maxScanRows: 5,
    indexes: {
        byState: indexOn(byState, ({ state }: Bed) =>
            state === undefined ? undefined : { state },
        ),
    },
});
const bed = (number: number, state?: string): Bed => ({
    ward: 'icu',
    number,
    ...(state !== undefined && { state }),
});
const icu = bedKey.prefix({ ward: 'icu' });

describe('a repository', () => {
    it('puts, gets, requires and removes rows, and counts their versions', async () => {
        const ledger = new MemoryLedger();
        expect(await transact(ledger, async (ctx) => beds.put(ctx, bed(1)))).to.equal(1);
        expect(await transact(ledger, async (ctx) => beds.put(ctx, bed(1, 'free')))).to.equal(2);
        const found = await transact(ledger, async (ctx) =>
            beds.require(ctx, { ward: 'icu', number: 1 }),
        );
        expect(found).to.deep.equal({ ward: 'icu', number: 1, state: 'free', rev: 2 });
        const missing = transact(ledger, async (ctx) =>
            beds.require(ctx, { ward: 'er', number: 1 }),
        );
        expect(await codeOf(missing)).to.equal('CHAINCODE_ROW_MISSING');
        expect(
            await transact(ledger, async (ctx) => beds.remove(ctx, { ward: 'icu', number: 1 })),
        ).to.equal(true);
        expect(
            await transact(ledger, async (ctx) => beds.remove(ctx, { ward: 'icu', number: 1 })),
        ).to.equal(false);
        expect(ledger.entries()).to.deep.equal({});
    });

    it('writes back what it read, whose version is not a member of the row', async () => {
        const ledger = new MemoryLedger();
        await transact(ledger, async (ctx) => {
            await beds.put(ctx, bed(1));
            await beds.put(ctx, await beds.require(ctx, { ward: 'icu', number: 1 }));
        });
        expect(Object.values(ledger.entries())).to.deep.equal([
            '{"number":1,"rev":2,"ward":"icu"}',
        ]);
    });

    it('inserts a row once', async () => {
        const ledger = new MemoryLedger();
        await transact(ledger, async (ctx) => beds.insert(ctx, bed(1)));
        expect(await codeOf(transact(ledger, async (ctx) => beds.insert(ctx, bed(1))))).to.equal(
            'CHAINCODE_ROW_EXISTS',
        );
    });

    it('writes only over the version the writer has seen', async () => {
        const ledger = new MemoryLedger();
        await transact(ledger, async (ctx) => beds.put(ctx, bed(1), { ifVersion: 0 }));
        const stale = transact(ledger, async (ctx) => beds.put(ctx, bed(1, 'x'), { ifVersion: 0 }));
        expect(await codeOf(stale)).to.equal('CHAINCODE_VERSION_CHANGED');
        await transact(ledger, async (ctx) => beds.put(ctx, bed(1, 'x'), { ifVersion: 1 }));
        const gone = transact(ledger, async (ctx) => beds.remove(ctx, bed(1), { ifVersion: 1 }));
        expect(await codeOf(gone)).to.equal('CHAINCODE_VERSION_CHANGED');
    });

    it('lets one of two concurrent writers through', async () => {
        const ledger = new MemoryLedger();
        const one = await endorse(ledger, async (ctx) => beds.put(ctx, bed(1)));
        const two = await endorse(ledger, async (ctx) => beds.put(ctx, bed(1)));
        expect([ledger.commit(one), ledger.commit(two)]).to.deep.equal([true, false]);
    });

    it('refuses a row its schema does not allow, saying why and not what', async () => {
        const ledger = new MemoryLedger();
        const bad = [
            { ward: 'icu', number: 0 },
            { ward: 'icu', number: 1.5 },
            { ward: 'icu', number: 1, colour: 'Mrs. Smith' },
            { number: 1 },
        ];
        for (const row of bad) {
            const work = transact(ledger, async (ctx) => beds.put(ctx, row as Bed));
            await work.catch((error: unknown) => {
                expect((error as Error).message)
                    .to.match(/^CHAINCODE_ROW_INVALID: /)
                    .and.not.contain('Smith');
            });
            expect(await codeOf(work)).to.equal('CHAINCODE_ROW_INVALID');
        }
        expect(ledger.entries()).to.deep.equal({});
    });

    it('scans in the order of the keys, sees pending rows, and ends with an error rather than silently', async () => {
        const ledger = new MemoryLedger();
        await transact(ledger, async (ctx) => {
            for (const number of [10, 2, 1]) await beds.put(ctx, bed(number));
            await beds.put(ctx, { ward: 'er', number: 7 });
            const rows = await all(beds.scan(ctx, icu));
            expect(rows.map(({ number }) => number)).to.deep.equal([1, 2, 10]);
        });
        await transact(ledger, async (ctx) => {
            for (const number of [3, 4]) await beds.put(ctx, bed(number));
            expect(await all(beds.scan(ctx, icu))).to.have.length(5);
            await beds.put(ctx, bed(5));
            expect(await codeOf(all(beds.scan(ctx, icu)))).to.equal('CHAINCODE_SCAN_LIMIT');
            expect(await all(beds.scan(ctx, icu, { limit: 6 }))).to.have.length(6);
            const range = bedKey.range({ ward: 'icu' }, { from: 2, to: 5 });
            expect((await all(beds.scan(ctx, range))).map(({ number }) => number)).to.deep.equal([
                2, 3, 4,
            ]);
        });
    });

    it('gives pages, each beginning where the one before ended', async () => {
        const ledger = new MemoryLedger();
        await transact(ledger, async (ctx) => {
            for (const number of [1, 2, 3, 4, 5]) await beds.put(ctx, bed(number));
        });
        await transact(ledger, async (ctx) => {
            const seen: number[][] = [];
            let next: string | undefined;
            do {
                const page = await beds.page(ctx, icu, {
                    size: 2,
                    ...(next !== undefined && { after: next }),
                });
                seen.push(page.rows.map(({ number }) => number));
                next = page.next;
            } while (next !== undefined);
            expect(seen).to.deep.equal([[1, 2], [3, 4], [5]]);
            expect(await codeOf(beds.page(ctx, icu, { size: 0 }))).to.equal(
                'CHAINCODE_SETUP_INVALID',
            );
        });
    });

    it('gives pages of composite keys as well', async () => {
        const key = defineKey({
            name: 'c',
            layout: 'composite',
            parts: [part('a', string()), part('b', uint())],
        });
        const rows = repository(key, {
            type: 'object',
            properties: { a: { type: 'string' }, b: { type: 'integer' } },
            required: ['a', 'b'],
        } as const);
        await transact(new MemoryLedger(), async (ctx) => {
            for (const b of [1, 2, 3]) await rows.put(ctx, { a: 'x', b });
            const first = await rows.page(ctx, key.prefix({ a: 'x' }), { size: 2 });
            const second = await rows.page(ctx, key.prefix({ a: 'x' }), {
                size: 2,
                after: first.next ?? '',
            });
            expect(second.rows.map(({ b }) => b)).to.deep.equal([3]);
        });
    });

    it('keeps its indexes with its rows', async () => {
        const ledger = new MemoryLedger();
        await transact(ledger, async (ctx) => {
            await beds.put(ctx, bed(1, 'free'));
            await beds.put(ctx, bed(2, 'taken'));
            await beds.put(ctx, bed(3));
        });
        const inState = async (state: string): Promise<number[]> =>
            transact(ledger, async (ctx) => {
                const rows = await all(beds.scanIndex(ctx, 'byState', byState.prefix({ state })));
                return rows.map(({ number }) => number);
            });
        expect(await inState('free')).to.deep.equal([1]);
        await transact(ledger, async (ctx) => {
            await beds.put(ctx, bed(1, 'taken'));
            await beds.remove(ctx, { ward: 'icu', number: 2 });
            await beds.put(ctx, bed(3, 'taken'));
        });
        expect(await inState('free')).to.deep.equal([]);
        expect(await inState('taken')).to.deep.equal([1, 3]);
        await ledger.run(async (stub) => stub.deleteState(bedKey.build(bed(1))));
        expect(await codeOf(inState('taken'))).to.equal('CHAINCODE_INDEX_BROKEN');
    });

    it('knows the type of its rows from the schema', async () => {
        await transact(new MemoryLedger(), async (ctx) => {
            // @ts-expect-error a row needs the parts of its key
            const work = beds.put(ctx, { number: 1 });
            expect(await codeOf(work)).to.equal('CHAINCODE_ROW_INVALID');
            const row = await beds.get(ctx, { ward: 'icu', number: 1 });
            // @ts-expect-error the schema has no such member
            expect(row?.colour).to.equal(undefined);
            const ward: 'icu' | 'er' | undefined = row?.ward;
            expect(ward).to.equal(undefined);
        });
    });

    it('refuses a set-up that cannot work', () => {
        const withRev = { type: 'object', properties: { rev: { type: 'integer' } } } as const;
        expect(() => repository(bedKey, withRev)).to.throw('CHAINCODE_SETUP_INVALID');
        const broken = { type: 'object', properties: { ward: { type: 'no type' } } } as const;
        expect(() => repository(bedKey, broken)).to.throw('CHAINCODE_SETUP_INVALID');
    });
});

describe('protected health information', () => {
    const patientKey = defineKey({
        name: 'patient',
        layout: 'composite',
        parts: [part('id', string())],
    });
    const patientSchema = {
        type: 'object',
        properties: { id: { type: 'string' }, name: { type: 'string', phi: true } },
        required: ['id'],
    } as const;
    const secret = repository(patientKey, patientSchema, { collection: 'patients' });
    const open = repository(patientKey, patientSchema);
    const patient = { id: 'p1', name: 'Grace "Hopper"' };

    it('is kept in a private collection and read back', async () => {
        const ledger = new MemoryLedger();
        await transact(ledger, async (ctx) => secret.put(ctx, patient));
        expect(ledger.entries()).to.deep.equal({});
        expect(Object.keys(ledger.entries('patients'))).to.have.length(1);
        await transact(ledger, async (ctx) => {
            expect((await secret.require(ctx, { id: 'p1' })).name).to.equal(patient.name);
        });
    });

    it('is refused in public rows and in keys', async () => {
        const ledger = new MemoryLedger();
        const exposed = transact(ledger, async (ctx) => open.put(ctx, patient));
        expect(await codeOf(exposed)).to.equal('CHAINCODE_PHI_EXPOSED');
        await transact(ledger, async (ctx) => open.put(ctx, { id: 'p1' }));
        const always = { ...patientSchema, required: ['id', 'name'] } as const;
        expect(() => repository(patientKey, always)).to.throw('CHAINCODE_SETUP_INVALID');
        const nameKey = defineKey({
            name: 'byName',
            layout: 'composite',
            parts: [part('name', string())],
        });
        expect(() => repository(nameKey, patientSchema, { collection: 'patients' })).to.throw(
            'CHAINCODE_SETUP_INVALID',
        );
    });

    it('is stopped on every other way out of the transaction', async () => {
        const ledger = new MemoryLedger();
        await transact(ledger, async (ctx) => secret.put(ctx, patient));
        await transact(ledger, async (ctx) => {
            const { name = '' } = await secret.require(ctx, { id: 'p1' });
            expect(await codeOf(ctx.stub.putState('note', `seen ${name}`))).to.equal(
                'CHAINCODE_PHI_EXPOSED',
            );
            expect(await codeOf(ctx.stub.putState('note', JSON.stringify({ name })))).to.equal(
                'CHAINCODE_PHI_EXPOSED',
            );
            expect(await codeOf(ctx.stub.putPrivateData('c', `by ${name}`, 'x'))).to.equal(
                'CHAINCODE_PHI_EXPOSED',
            );
            // The block has the keys that were only read or deleted as well.
            const policy = Buffer.from('policy');
            for (const work of [
                ctx.stub.getState(`by ${name}`),
                ctx.stub.deleteState(`by ${name}`),
                ctx.stub.setStateValidationParameter(`by ${name}`, policy),
                all(ctx.stub.getStateByRange(`by ${name}`, 'z')),
            ]) {
                expect(await codeOf(work)).to.equal('CHAINCODE_PHI_EXPOSED');
            }
            expect(() => {
                ctx.emit('seen', { name });
            }).to.throw('CHAINCODE_PHI_EXPOSED');
            expect(() => {
                ctx.stub.setEvent('seen', name);
            }).to.throw('CHAINCODE_PHI_EXPOSED');
            await ctx.stub.putPrivateData('c', 'k', name);
        });
    });

    it('is found wherever the schema marks it, also within lists and objects', async () => {
        const nested = {
            type: 'object',
            properties: {
                id: { type: 'string' },
                contacts: {
                    type: 'array',
                    items: {
                        type: 'object',
                        properties: {
                            kind: { type: 'string' },
                            phone: { type: 'string', phi: true },
                        },
                    },
                },
            },
            required: ['id'],
        } as const;
        const row = { id: 'p1', contacts: [{ kind: 'work', phone: '555-0100' }] };
        const ledger = new MemoryLedger();
        const open = transact(ledger, async (ctx) => repository(patientKey, nested).put(ctx, row));
        expect(await codeOf(open)).to.equal('CHAINCODE_PHI_EXPOSED');
        await transact(ledger, async (ctx) => {
            await repository(patientKey, nested, { collection: 'c' }).put(ctx, row);
            expect(await codeOf(ctx.stub.putState('k', 'call 555-0100'))).to.equal(
                'CHAINCODE_PHI_EXPOSED',
            );
            await ctx.stub.putState('k', 'work');
        });
        const hidden = {
            type: 'object',
            properties: { id: { anyOf: [{ type: 'string', phi: true }] } },
        } as const;
        expect(() => repository(patientKey, hidden)).to.throw('CHAINCODE_SETUP_INVALID');
    });

    it('does not mistake a part of another word, such as of a transaction id, for a short value', async () => {
        await transact(new MemoryLedger(), async (ctx) => {
            ctx.stub.overlay.guardPhi().add(1980);
            ctx.stub.overlay.guardPhi().add('Anna');
            await ctx.stub.putState('k', 'f1980a Annapolis');
            expect(await codeOf(ctx.stub.putState('k', 'born 1980'))).to.equal(
                'CHAINCODE_PHI_EXPOSED',
            );
            expect(ctx.stub.overlay.guardPhi().redact('Anna, Annapolis; 1980')).to.equal(
                '[phi], Annapolis; [phi]',
            );
        });
    });

    it('comes as transient input, checked and guarded', async () => {
        const input = transient('patient', { ...patientSchema, required: ['id', 'name'] } as const);
        const ledger = new MemoryLedger();
        const send = { transient: { patient: JSON.stringify(patient) } };
        await transact(
            ledger,
            async (ctx) => {
                expect(input.require(ctx).id).to.equal('p1');
                expect(await codeOf(ctx.stub.putState('k', patient.name))).to.equal(
                    'CHAINCODE_PHI_EXPOSED',
                );
            },
            send,
        );
        const none = transact(ledger, async (ctx) => Promise.resolve(input.require(ctx)));
        expect(await codeOf(none)).to.equal('CHAINCODE_TRANSIENT_MISSING');
        for (const text of ['{"id":"p1"}', 'Hopper{', 'null']) {
            const bad = transact(ledger, async (ctx) => Promise.resolve(input.require(ctx)), {
                transient: { patient: text },
            });
            expect(await codeOf(bad)).to.equal('CHAINCODE_ROW_INVALID');
        }
    });
});
