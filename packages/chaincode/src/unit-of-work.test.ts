import { expect } from 'chai';
import { MemoryLedger } from './memory-ledger.test.fixture.js';
import type { Row } from './stub.js';
import { UnitOfWork } from './unit-of-work.js';
import type { UnitOfWorkOptions } from './overlay.js';
import type { RecordedTransaction } from './memory-ledger.test.fixture.js';

async function within(
    ledger: MemoryLedger,
    work: (unit: UnitOfWork) => Promise<unknown>,
    options?: UnitOfWorkOptions,
): Promise<RecordedTransaction> {
    return ledger.simulate(async (stub) => {
        const unit = new UnitOfWork(stub, options);
        await work(unit);
        await unit.flush();
    });
}

async function collect(scan: AsyncIterable<Row>): Promise<string[]> {
    const rows: string[] = [];
    for await (const { key, value } of scan) rows.push(`${key}=${Buffer.from(value).toString()}`);
    return rows;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
    try {
        await work;
    } catch (error) {
        return (error as { code?: string }).code ?? `no code: ${String(error)}`;
    }
    return 'no error';
}

async function ledgerWith(rows: Record<string, string>): Promise<MemoryLedger> {
    const ledger = new MemoryLedger();
    await ledger.run(async (stub) => {
        for (const [key, value] of Object.entries(rows))
            await stub.putState(key, Buffer.from(value));
    });
    return ledger;
}

describe('a unit of work reads its own writes', () => {
    it('makes a thousand increments of a key one read and one write', async () => {
        const ledger = await ledgerWith({ hot: '5' });
        const recorded = await within(ledger, async (unit) => {
            for (let round = 0; round < 1000; round++) {
                const count = Number((await unit.getState('hot')).toString());
                await unit.putState('hot', String(count + 1));
            }
        });
        expect(recorded.writeLog).to.deep.equal([['hot', '1005']]);
        expect(recorded.reads.size).to.equal(1);
        expect(ledger.commit(recorded)).to.equal(true);
    });

    it('loses all but the last of them without it, which is what Fabric does', async () => {
        const ledger = await ledgerWith({ hot: '5' });
        const recorded = await ledger.simulate(async (stub) => {
            for (let round = 0; round < 1000; round++) {
                const count = Number(Buffer.from(await stub.getState('hot')).toString());
                await stub.putState('hot', Buffer.from(String(count + 1)));
            }
        });
        expect(ledger.commit(recorded)).to.equal(true);
        expect(ledger.entries()).to.deep.equal({ hot: '6' });
    });

    it('records no read for a key only written, and a read for an absent key only read', async () => {
        const ledger = new MemoryLedger();
        const recorded = await within(ledger, async (unit) => {
            await unit.putState('blind', 'x');
            expect((await unit.getState('blind')).toString()).to.equal('x');
            expect(await unit.getState('absent')).to.have.length(0);
            expect(await unit.getState('absent')).to.have.length(0);
        });
        expect([...recorded.reads.keys()]).to.deep.equal(['\u001fabsent']);
        expect(recorded.writeLog).to.deep.equal([['blind', 'x']]);
    });

    it('asks the peer once when a key is read twice at the same time', async () => {
        const ledger = await ledgerWith({ a: '1' });
        await within(ledger, async (unit) => {
            await Promise.all([unit.getState('a'), unit.getState('a')]);
            expect(unit.counts.reads).to.equal(1);
        });
    });

    it('flushes in the order of UTF-8 bytes, whatever order the code wrote in', async () => {
        const recorded = await within(new MemoryLedger(), async (unit) => {
            for (const key of ['\u{10000}', '\uffee', 'b', 'a', 'é']) await unit.putState(key, key);
        });
        expect(recorded.writeLog.map(([key]) => key)).to.deep.equal([
            'a',
            'b',
            'é',
            '\uffee',
            '\u{10000}',
        ]);
    });

    it('keeps keys named like members of Object.prototype apart from them', async () => {
        const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
        const ledger = new MemoryLedger();
        const written = names.filter((name) => !name.startsWith('_'));
        const recorded = await within(ledger, async (unit) => {
            for (const name of names) expect(await unit.getState(name)).to.have.length(0);
            for (const name of written) await unit.putState(name, name);
            await unit.putState('x__proto__', 'x');
            for (const name of written)
                expect((await unit.getState(name)).toString()).to.equal(name);
            await unit.putPrivateData('constructor', 'constructor', 'private');
            expect((await unit.getPrivateData('constructor', 'constructor')).toString()).to.equal(
                'private',
            );
        });
        expect(recorded.writes.size).to.equal(5);
    });

    it('is not changed by a caller that goes on using its buffers', async () => {
        await within(await ledgerWith({ a: 'old' }), async (unit) => {
            const mine = Buffer.from('mine');
            await unit.putState('b', mine);
            mine.fill(0);
            (await unit.getState('b')).fill(0);
            (await unit.getState('a')).fill(0);
            for await (const row of unit.getStateByRange('a', 'z'))
                Buffer.from(row.value.buffer, row.value.byteOffset, row.value.length).fill(0);
            expect((await unit.getState('a')).toString()).to.equal('old');
            expect((await unit.getState('b')).toString()).to.equal('mine');
            expect(await collect(unit.getStateByRange('a', 'z'))).to.deep.equal([
                'a=old',
                'b=mine',
            ]);
        });
    });

    it('shows committed state on request', async () => {
        await within(await ledgerWith({ a: 'old' }), async (unit) => {
            await unit.putState('a', 'new');
            expect((await unit.committed.getState('a')).toString()).to.equal('old');
            expect((await unit.getState('a')).toString()).to.equal('new');
        });
    });
});

describe('a scan over a unit of work', () => {
    it('merges writes, overwrites and deletes in the order of UTF-8 bytes', async () => {
        const ledger = await ledgerWith({ a: '1', c: '3', '\uffee': '5', '\u{10001}': '7' });
        await within(ledger, async (unit) => {
            await unit.putState('b', '2');
            await unit.putState('c', '3!');
            await unit.putState('\u{10000}', '6');
            await unit.putState('zz', 'gone');
            await unit.deleteState('zz');
            await unit.deleteState('a');
            expect(await collect(unit.getStateByRange('', ''))).to.deep.equal([
                'b=2',
                'c=3!',
                '\uffee=5',
                '\u{10000}=6',
                '\u{10001}=7',
            ]);
        });
    });

    it('sees pending rows of a composite key, and only whole attributes', async () => {
        const ledger = new MemoryLedger();
        await ledger.run(async (stub) => {
            await stub.putState(stub.createCompositeKey('row', ['a', '1']), Buffer.from('1'));
        });
        await within(ledger, async (unit) => {
            const key = (...parts: string[]): string => unit.createCompositeKey('row', parts);
            await unit.putState(key('a', '0'), '0');
            await unit.putState(key('ab', '0'), 'no');
            const rows = await collect(unit.getStateByPartialCompositeKey('row', ['a']));
            expect(rows).to.deep.equal([`${key('a', '0')}=0`, `${key('a', '1')}=1`]);
            expect(await collect(unit.getStateByRange('', ''))).to.deep.equal([]);
        });
    });

    it('is still recorded, so that a phantom is caught', async () => {
        const ledger = await ledgerWith({ a: '1' });
        const recorded = await within(ledger, async (unit) => {
            await unit.putState('b', '2');
            expect(await collect(unit.getStateByRange('a', 'z'))).to.have.length(2);
        });
        await ledger.run(async (stub) => stub.putState('c', Buffer.from('3')));
        expect(ledger.commit(recorded)).to.equal(false);
    });

    it('reads the same range from the peer once, and its rows not again', async () => {
        const recorded = await within(await ledgerWith({ a: '1', b: '2' }), async (unit) => {
            for (let round = 0; round < 3; round++) await collect(unit.getStateByRange('a', 'z'));
            await unit.getState('a');
            await unit.putState('ab', 'x');
            expect(await collect(unit.getStateByRange('a', 'z'))).to.deep.equal([
                'a=1',
                'ab=x',
                'b=2',
            ]);
        });
        expect(recorded.ranges).to.have.length(1);
        expect(recorded.reads.size).to.equal(0);
    });

    it('fetches no more committed rows than it must to answer', async () => {
        const recorded = await within(
            await ledgerWith({ a: '1', c: '3', d: '4' }),
            async (unit) => {
                await unit.putState('b', '2');
                for await (const row of unit.getStateByRange('a', 'z')) if (row.key === 'a') break;
            },
        );
        expect(recorded.ranges[0]?.rows).to.have.length(1);
    });

    it('shows the state of the moment it was opened', async () => {
        await within(await ledgerWith({ a: '1', b: '2', c: '3' }), async (unit) => {
            const seen: string[] = [];
            for await (const { key } of unit.getStateByRange('a', 'z')) {
                seen.push(key);
                await unit.deleteState(key);
                await unit.putState(`${key}x`, 'late');
            }
            expect(seen).to.deep.equal(['a', 'b', 'c']);
            expect(await collect(unit.getStateByRange('a', 'z'))).to.deep.equal([
                'ax=late',
                'bx=late',
                'cx=late',
            ]);
        });
    });

    it('works by hand as well as in a loop, and can be closed early', async () => {
        await within(await ledgerWith({ a: '1', b: '2' }), async (unit) => {
            const iterator = await unit.getStateByRange('a', 'z');
            expect((await iterator.next()).value.key).to.equal('a');
            await iterator.close();
            expect((await iterator.next()).done).to.equal(true);
        });
    });

    it('takes no end for no bound', async () => {
        await within(await ledgerWith({ a: '1' }), async (unit) => {
            await unit.putState('b', '2');
            const scan = unit.getStateByRange('a', undefined as never);
            expect(await collect(scan)).to.have.length(2);
        });
    });

    it('refuses a simple range into composite keys, as the shim does', async () => {
        await within(new MemoryLedger(), async (unit) => {
            expect(await codeOf(collect(unit.getStateByRange('\u0000a', '')))).to.contain(
                'null character',
            );
        });
    });
});

describe('savepoints', () => {
    it('take back puts, deletes, policies, events and names', async () => {
        const recorded = await within(await ledgerWith({ a: '1', b: '2' }), async (unit) => {
            await unit.putState('kept', '1');
            const savepoint = unit.savepoint();
            await unit.putState('kept', '2');
            await unit.putState('new', 'x');
            await unit.deleteState('a');
            await unit.putPrivateData('c', 'p', 'x');
            await unit.setStateValidationParameter('b', Buffer.from('policy'));
            unit.setEvent('lost', 'x');
            savepoint.rollback();
            expect(await collect(unit.getStateByRange('', ''))).to.deep.equal([
                'a=1',
                'b=2',
                'kept=1',
            ]);
            expect(unit.counts.rollbacks).to.equal(1);
        });
        expect(recorded.writeLog).to.deep.equal([['kept', '1']]);
        expect(recorded.policies.size).to.equal(0);
    });

    it('nest, and the outer one takes the inner ones with it', async () => {
        const recorded = await within(new MemoryLedger(), async (unit) => {
            const outer = unit.savepoint();
            await unit.putState('a', '1');
            const inner = unit.savepoint();
            await unit.putState('a', '2');
            inner.release();
            await unit.putState('b', '1');
            outer.rollback();
            await unit.putState('c', '1');
        });
        expect(recorded.writeLog).to.deep.equal([['c', '1']]);
    });

    it('end once', async () => {
        await within(new MemoryLedger(), async (unit) => {
            const outer = unit.savepoint();
            const inner = unit.savepoint();
            outer.release();
            expect(() => {
                inner.rollback();
            }).to.throw('CHAINCODE_SAVEPOINT_INVALID');
            expect(() => {
                outer.release();
            }).to.throw('CHAINCODE_SAVEPOINT_INVALID');
            await Promise.resolve();
        });
    });

    it('of something that has ended do not end what came after it', async () => {
        await within(new MemoryLedger(), async (unit) => {
            const old = unit.savepoint();
            const inner = unit.savepoint();
            old.release();
            const fresh = unit.savepoint();
            const within = unit.savepoint();
            expect(() => {
                inner.rollback();
            }).to.throw('CHAINCODE_SAVEPOINT_INVALID');
            await unit.putState('a', '1');
            within.release();
            fresh.release();
        });
    });

    it('cannot be flushed within', async () => {
        await within(new MemoryLedger(), async (unit) => {
            const savepoint = unit.savepoint();
            expect(await codeOf(unit.flush())).to.equal('CHAINCODE_SAVEPOINT_INVALID');
            savepoint.release();
        });
    });

    it('let an attempt fail without a trace', async () => {
        const recorded = await within(new MemoryLedger(), async (unit) => {
            const failing = unit.attempt(async () => {
                await unit.putState('a', '1');
                throw new Error('no');
            });
            expect(await codeOf(failing)).to.equal('no code: Error: no');
            expect(await unit.attempt(async () => Promise.resolve(7))).to.equal(7);
        });
        expect(recorded.writeLog).to.deep.equal([]);
    });

    it('cannot take back what another chaincode wrote, and say so', async () => {
        await within(new MemoryLedger(), async (unit) => {
            const failing = unit.attempt(async () => {
                await unit.invokeChaincode('other', ['f'], '');
                throw new Error('no');
            });
            expect(await codeOf(failing)).to.equal('CHAINCODE_UNDO_IMPOSSIBLE');
        });
    });
});

describe('what Fabric cannot do over pending writes', () => {
    it('is refused: a rich query, unless committed state is what is wanted', async () => {
        const ledger = await ledgerWith({ a: '{"x":1}' });
        await within(ledger, async (unit) => {
            expect(await collect(unit.getQueryResult('{}'))).to.have.length(1);
            await unit.putState('b', '{}');
            expect(await codeOf(collect(unit.getQueryResult('{}')))).to.equal(
                'CHAINCODE_QUERY_IGNORES_WRITES',
            );
        });
        const options = { richQueries: 'committed' } as const;
        await within(
            ledger,
            async (unit) => {
                await unit.putState('b', '{}');
                expect(await collect(unit.getQueryResult('{}'))).to.have.length(1);
            },
            options,
        );
    });

    it('is refused: paginated and private queries together with writes, in either order', async () => {
        const ledger = await ledgerWith({ a: '1' });
        await within(ledger, async (unit) => {
            await unit.getStateByRangeWithPagination('a', 'z', 10);
            expect(await codeOf(unit.putState('b', '1'))).to.equal('CHAINCODE_QUERY_WITH_WRITES');
        });
        await within(ledger, async (unit) => {
            await unit.getPrivateDataByRange('c', 'a', 'z');
            expect(await codeOf(unit.deleteState('b'))).to.equal('CHAINCODE_QUERY_WITH_WRITES');
        });
        await within(ledger, async (unit) => {
            await unit.putState('b', '1');
            expect(await codeOf(unit.getPrivateDataByRange('c', 'a', 'z'))).to.equal(
                'CHAINCODE_QUERY_WITH_WRITES',
            );
            expect(await codeOf(unit.getQueryResultWithPagination('{}', 1))).to.equal(
                'CHAINCODE_QUERY_WITH_WRITES',
            );
            expect(await codeOf(collect(unit.getStateByRangeWithPagination('a', 'z', 1)))).to.equal(
                'CHAINCODE_QUERY_WITH_WRITES',
            );
        });
    });

    it('is refused: writing a private key after purging it', async () => {
        await within(new MemoryLedger(), async (unit) => {
            await unit.purgePrivateData('c', 'k');
            expect(await unit.getPrivateData('c', 'k')).to.have.length(0);
            expect(await codeOf(unit.putPrivateData('c', 'k', 'x'))).to.equal(
                'CHAINCODE_PURGE_THEN_PUT',
            );
        });
    });
});

describe('keys and values which some peer would refuse at the end', () => {
    const badKeys = ['', '_hidden', 'a\ud800b', 'a\udc00'];
    for (const key of badKeys) {
        it(`are refused at once: the key ${JSON.stringify(key)}`, async () => {
            await within(new MemoryLedger(), async (unit) => {
                expect(await codeOf(unit.putState(key, 'x'))).to.equal('CHAINCODE_KEY_INVALID');
                expect(await codeOf(unit.deleteState(key))).to.equal('CHAINCODE_KEY_INVALID');
            });
        });
    }

    it('are refused at once: reading a key that would arrive as another one', async () => {
        await within(await ledgerWith({ ab: '1' }), async (unit) => {
            expect(await codeOf(unit.getState('a\ud800b'))).to.equal('CHAINCODE_KEY_INVALID');
        });
    });

    it('are refused at once: a composite key whose parts could be another one', async () => {
        await within(new MemoryLedger(), async (unit) => {
            expect(() => unit.createCompositeKey('t', ['a\u0000b'])).to.throw(
                'CHAINCODE_KEY_INVALID',
            );
            expect(() => unit.createCompositeKey('t', ['a\u{10ffff}'])).to.throw(
                'CHAINCODE_KEY_INVALID',
            );
            expect(unit.createCompositeKey('t', ['a', 'b'])).to.equal(
                '\u0000t\u0000a\u0000b\u0000',
            );
            await Promise.resolve();
        });
    });

    it('are refused at once: members CouchDB keeps for itself, at the top level only', async () => {
        await within(new MemoryLedger(), async (unit) => {
            for (const value of ['{"_id":1}', ' {"~version":1}', '{"a":1,"\\u005frev":2}']) {
                expect(await codeOf(unit.putState('k', value))).to.equal('CHAINCODE_VALUE_INVALID');
            }
            for (const value of ['{"a":{"_id":1}}', '["_id"]', '{"_not json', '"_id"']) {
                await unit.putState('k', value);
            }
            expect(await codeOf(unit.putState('k', undefined as never))).to.equal(
                'CHAINCODE_VALUE_INVALID',
            );
        });
    });

    it('deletes a key that is given an empty value, as Fabric does', async () => {
        const ledger = await ledgerWith({ a: '1' });
        const recorded = await within(ledger, async (unit) => {
            await unit.putState('a', '');
            expect(await collect(unit.getStateByRange('', ''))).to.deep.equal([]);
        });
        expect(recorded.writeLog).to.deep.equal([['a', null]]);
    });
});

describe('key-level endorsement policies in a unit of work', () => {
    it('are read back, written once, and go with their key', async () => {
        const ledger = await ledgerWith({ a: '1', b: '2' });
        const recorded = await within(ledger, async (unit) => {
            await unit.setStateValidationParameter('a', Buffer.from('first'));
            await unit.setStateValidationParameter('a', Buffer.from('second'));
            await unit.setStateValidationParameter('b', Buffer.from('gone'));
            await unit.deleteState('b');
            expect(Buffer.from(await unit.getStateValidationParameter('a')).toString()).to.equal(
                'second',
            );
            expect(await unit.getStateValidationParameter('b')).to.equal(undefined);
        });
        expect(recorded.policies.size).to.equal(1);
        expect(ledger.commit(recorded)).to.equal(true);
        expect(Buffer.from(ledger.policyOf('a') ?? []).toString()).to.equal('second');
    });
});

describe('a key deleted in a unit of work', () => {
    it('leaves no policy to what is put there later, unless the delete is taken back', async () => {
        const recorded = await within(await ledgerWith({ a: '1', b: '2' }), async (unit) => {
            for (const key of ['a', 'b']) {
                await unit.setStateValidationParameter(key, Buffer.from('old'));
                const savepoint = unit.savepoint();
                await unit.deleteState(key);
                if (key === 'b') savepoint.rollback();
                else savepoint.release();
                await unit.putState(key, 'again');
            }
        });
        expect([...recorded.policies.keys()].map((key) => key.slice(1))).to.deep.equal(['b']);
    });
});

describe('an event', () => {
    it('cannot have the name several events are sent by', async () => {
        await within(new MemoryLedger(), async (unit) => {
            expect(() => {
                unit.setEvent('goodput.events/1', 'x');
            }).to.throw('CHAINCODE_EVENT_INVALID');
            await Promise.resolve();
        });
    });
});

describe('private data in a unit of work', () => {
    it('is read back, hashed and deleted before it is committed', async () => {
        const ledger = new MemoryLedger();
        await within(ledger, async (unit) => {
            await unit.putPrivateData('c', 'k', 'secret');
            expect((await unit.getPrivateData('c', 'k')).toString()).to.equal('secret');
            const hash = Buffer.from(await unit.getPrivateDataHash('c', 'k')).toString('hex');
            expect(hash).to.equal(
                '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b',
            );
            await unit.deletePrivateData('c', 'k');
            expect(await unit.getPrivateData('c', 'k')).to.have.length(0);
            expect(await unit.getPrivateDataHash('c', 'k')).to.have.length(0);
        });
    });

    it('keeps collections and public state apart', async () => {
        const recorded = await within(new MemoryLedger(), async (unit) => {
            await unit.putState('k', 'public');
            await unit.putPrivateData('c', 'k', 'one');
            await unit.putPrivateData('b', 'k', 'two');
            expect((await unit.getState('k')).toString()).to.equal('public');
            expect((await unit.getPrivateData('b', 'k')).toString()).to.equal('two');
        });
        expect(recorded.writeLog.map(([, value]) => value)).to.deep.equal(['public', 'two', 'one']);
    });
});

describe('a unit of work after its end', () => {
    it('refuses every use', async () => {
        await new MemoryLedger().simulate(async (stub) => {
            const unit = new UnitOfWork(stub);
            await unit.flush();
            expect(await codeOf(unit.getState('a'))).to.equal('CHAINCODE_UNIT_CLOSED');
            expect(await codeOf(unit.putState('a', 'x'))).to.equal('CHAINCODE_UNIT_CLOSED');
            expect(await codeOf(unit.flush())).to.equal('CHAINCODE_UNIT_CLOSED');
            expect(() => {
                unit.setEvent('e', '');
            }).to.throw('CHAINCODE_UNIT_CLOSED');
        });
    });
});
