import type { Transaction } from '@hyperledger/fabric-gateway';
import { expect } from 'chai';
import { commit, freshKey, race, type Client } from './support/client.js';
import { failureOf } from './support/failure.js';
import { readWriteSetOf } from './support/read-write-set.js';
import { useTarget } from './support/target.js';

const VALID = 'VALID';
const MVCC = 'MVCC_READ_CONFLICT';
const PHANTOM = 'PHANTOM_READ_CONFLICT';

type Call = readonly [string, ...string[]];

describe('transactions endorsed on one snapshot', () => {
    const target = useTarget();
    let client: Client;
    before(() => {
        client = target.current.client();
    });

    function endorseAll(...calls: readonly Call[]): Promise<Transaction[]> {
        return Promise.all(calls.map(([name, ...args]) => client.endorse(name, args)));
    }

    async function verdicts(...calls: readonly Call[]): Promise<string[]> {
        return race(...(await endorseAll(...calls)));
    }

    async function written(value = 'x'): Promise<string> {
        const key = freshKey();
        await client.must('put', key, value);
        return key;
    }

    it('that read and write one key: the first is valid', async () => {
        const key = await written('0');
        expect(await verdicts(['inc', key], ['inc', key])).to.deep.equal([VALID, MVCC]);
        expect(await client.evaluate('get', key)).to.equal('1');
    });

    it('six of them: one is valid', async () => {
        const key = await written('0');
        const calls = Array.from({ length: 6 }, (): Call => ['inc', key]);
        expect(await verdicts(...calls)).to.deep.equal([VALID, ...new Array<string>(5).fill(MVCC)]);
    });

    it('that read a key which is absent: the first is valid', async () => {
        const key = freshKey();
        expect(await verdicts(['inc', key], ['inc', key])).to.deep.equal([VALID, MVCC]);
    });

    it('that write one key blindly: all are valid, and the last one wins', async () => {
        const key = await written();
        const calls: Call[] = [
            ['put', key, 'first'],
            ['put', key, 'second'],
        ];
        expect(await verdicts(...calls)).to.deep.equal([VALID, VALID]);
        expect(await client.evaluate('get', key)).to.equal('second');
    });

    it('a reader ordered before the writer: both are valid', async () => {
        const [key, other] = [await written(), freshKey()];
        expect(await verdicts(['copy', key, other], ['put', key, 'new'])).to.deep.equal([
            VALID,
            VALID,
        ]);
    });

    it('a reader ordered after the writer is not valid, though it writes elsewhere', async () => {
        const [key, other] = [await written(), freshKey()];
        expect(await verdicts(['put', key, 'new'], ['copy', key, other])).to.deep.equal([
            VALID,
            MVCC,
        ]);
        expect(await client.evaluate('get', other)).to.equal('');
    });

    it('one that only reads, after the writer, is not valid either', async () => {
        const key = await written();
        expect(await verdicts(['put', key, 'new'], ['get', key])).to.deep.equal([VALID, MVCC]);
    });

    it('a deletion, then a read of the key', async () => {
        const key = await written('1');
        expect(await verdicts(['del', key], ['inc', key])).to.deep.equal([VALID, MVCC]);
        expect(await client.evaluate('get', key)).to.equal('');
    });

    it('a read of the key, then a blind deletion', async () => {
        const key = await written('1');
        expect(await verdicts(['inc', key], ['del', key])).to.deep.equal([VALID, VALID]);
        expect(await client.evaluate('get', key)).to.equal('');
    });

    it('a deletion that read the key, after another write', async () => {
        const key = await written();
        expect(await verdicts(['put', key, 'new'], ['readDel', key])).to.deep.equal([VALID, MVCC]);
    });

    it('two deletions of one key', async () => {
        const key = await written();
        expect(await verdicts(['del', key], ['del', key])).to.deep.equal([VALID, VALID]);
        const again = await written();
        expect(await verdicts(['readDel', again], ['readDel', again])).to.deep.equal([VALID, MVCC]);
    });

    it('a deletion of an absent key counts as a write of it', async () => {
        const [key, other] = [freshKey(), freshKey()];
        expect(await verdicts(['del', key], ['copy', key, other])).to.deep.equal([VALID, MVCC]);
    });

    it('an invalid transaction is no obstacle to the next', async () => {
        const [one, two] = [await written('0'), await written('0')];
        const codes = await verdicts(['inc', one], ['copy', one, two], ['inc', two]);
        expect(codes).to.deep.equal([VALID, MVCC, VALID]);
    });

    it('a write of the same value is a write', async () => {
        const key = await written('same');
        expect(await verdicts(['put', key, 'same'], ['get', key])).to.deep.equal([VALID, MVCC]);
    });

    it('on keys of their own: all are valid', async () => {
        const calls = Array.from({ length: 20 }, (): Call => ['inc', freshKey()]);
        expect(new Set(await verdicts(...calls))).to.deep.equal(new Set([VALID]));
    });

    it('endorsed before a block that changed what they read', async () => {
        const key = await written('0');
        const [stale] = await endorseAll(['inc', key]);
        await client.must('inc', key);
        expect((await commit(stale!)).code).to.equal(MVCC);
        expect(await client.evaluate('get', key)).to.equal('1');
    });

    it('endorsed before a block that changed another key', async () => {
        const key = await written('0');
        const [early] = await endorseAll(['inc', key]);
        await written();
        expect((await commit(early!)).code).to.equal(VALID);
    });

    it('deleted and written again in between: the version is another', async () => {
        const key = await written('0');
        const [stale] = await endorseAll(['inc', key]);
        await client.must('del', key);
        await client.must('put', key, '0');
        expect((await commit(stale!)).code).to.equal(MVCC);
    });

    it('of a key that was absent and is absent again: the same', async () => {
        const key = freshKey();
        const [early] = await endorseAll(['inc', key]);
        await client.must('put', key, 'x');
        await client.must('del', key);
        expect((await commit(early!)).code).to.equal(VALID);
    });

    it('ordered twice: the second is a duplicate and changes nothing', async () => {
        const key = await written('0');
        const [transaction] = await endorseAll(['inc', key]);
        const first = await commit(transaction!);
        expect(first.code).to.equal(VALID);
        await transaction!.submit();
        // A later transaction of the same client is ordered behind the duplicate.
        await client.must('put', freshKey(), 'x');
        expect(await client.evaluate('get', key)).to.equal('1');
    });

    describe('of which one reads a range', () => {
        async function range(count = 3): Promise<string> {
            const prefix = `${freshKey('range')}-`;
            await client.must('putN', prefix, String(count), 'v');
            return prefix;
        }

        const count = (prefix: string): Call => ['rangeCount', prefix, `${prefix}~`, freshKey()];

        it('and nothing in it changes', async () => {
            const prefix = await range();
            expect(await verdicts(count(prefix), count(prefix))).to.deep.equal([VALID, VALID]);
        });

        it('and a key is inserted into it', async () => {
            const prefix = await range();
            const codes = await verdicts(['put', `${prefix}00001x`, 'new'], count(prefix));
            expect(codes).to.deep.equal([VALID, PHANTOM]);
        });

        it('and a key is inserted at its end', async () => {
            const prefix = await range();
            const codes = await verdicts(['put', `${prefix}99999`, 'new'], count(prefix));
            expect(codes).to.deep.equal([VALID, PHANTOM]);
        });

        it('and a key in it is changed', async () => {
            const prefix = await range();
            const codes = await verdicts(['put', `${prefix}00001`, 'new'], count(prefix));
            expect(codes).to.deep.equal([VALID, PHANTOM]);
        });

        it('and a key in it is deleted', async () => {
            const prefix = await range();
            const codes = await verdicts(['del', `${prefix}00001`], count(prefix));
            expect(codes).to.deep.equal([VALID, PHANTOM]);
        });

        it('and a key just outside of it is written', async () => {
            const prefix = await range();
            const codes = await verdicts(
                ['put', `${prefix}~`, 'the end, which is not part of it'],
                ['put', prefix.slice(0, -1), 'before'],
                count(prefix),
            );
            expect(codes).to.deep.equal([VALID, VALID, VALID]);
        });

        it('and a key is inserted into it that was empty', async () => {
            const prefix = `${freshKey('range')}-`;
            const codes = await verdicts(['put', `${prefix}1`, 'new'], count(prefix));
            expect(codes).to.deep.equal([VALID, PHANTOM]);
        });

        it('and the insert is ordered after it', async () => {
            const prefix = await range();
            const codes = await verdicts(count(prefix), ['put', `${prefix}00001x`, 'new']);
            expect(codes).to.deep.equal([VALID, VALID]);
        });

        it('of more than fifty keys, which are hashed', async () => {
            const prefix = await range(120);
            const [transaction] = await endorseAll(count(prefix));
            const { rangeQueries } = readWriteSetOf(transaction!, target.current.lab);
            expect(rangeQueries).to.have.length(1);
            expect(rangeQueries[0]!.rawReads).to.equal(undefined);
            expect(rangeQueries[0]!.merkle?.maxLevelHashes.length).to.be.greaterThan(0);
            const [insert] = await endorseAll(['put', `${prefix}00060x`, 'new']);
            expect(await race(insert!, transaction!)).to.deep.equal([VALID, PHANTOM]);
        });

        it('of more than fifty keys, of which none changes', async () => {
            const prefix = await range(120);
            expect(await verdicts(count(prefix))).to.deep.equal([VALID]);
        });

        it('only in part: what its peer had fetched ahead counts, the rest does not', async () => {
            const prefix = await range(250);
            const first: Call = ['rangeFirst', prefix, `${prefix}~`, '3', freshKey()];
            const far = await verdicts(['put', `${prefix}00200`, 'new'], first);
            expect(far).to.deep.equal([VALID, VALID]);
            const near = await verdicts(['put', `${prefix}00050`, 'new'], first);
            expect(near).to.deep.equal([VALID, PHANTOM]);
        });

        it('only in part, and what was read changes', async () => {
            const prefix = await range(10);
            const first: Call = ['rangeFirst', prefix, `${prefix}~`, '3', freshKey()];
            const codes = await verdicts(['put', `${prefix}00001`, 'new'], first);
            expect(codes).to.deep.equal([VALID, PHANTOM]);
        });

        it('of composite keys', async () => {
            const type = freshKey('type');
            await client.must('putComposite', type, '["a","1"]', 'v');
            const list: Call = ['listComposite', type, '["a"]', freshKey()];
            const calls = async (parts: string): Promise<string[]> =>
                verdicts(['putComposite', type, parts, 'v'], list);
            expect(await calls('["b","2"]')).to.deep.equal([VALID, VALID]);
            expect(await calls('["a","2"]')).to.deep.equal([VALID, PHANTOM]);
        });

        it('and writes into it: it does not disturb itself', async () => {
            const prefix = await range();
            const own: Call = ['rangeCount', prefix, `${prefix}~`, `${prefix}total`];
            expect(await verdicts(own)).to.deep.equal([VALID]);
            expect(await client.evaluate('get', `${prefix}total`)).to.equal('3');
        });

        it('page by page: that and a write do not go together', async () => {
            const prefix = await range();
            const call = ['rangePaged', prefix, `${prefix}~`, '2', '', freshKey()] as const;
            const failure = await failureOf(endorseAll(call));
            expect(failure.text).to.match(/pagin/i);
        });

        it('page by page, without writing: only its page counts', async () => {
            const prefix = await range();
            const paged: Call = ['rangePaged', prefix, `${prefix}~`, '2', '', ''];
            const after = await verdicts(['put', `${prefix}00002x`, 'new'], paged);
            expect(after).to.deep.equal([VALID, VALID]);
            const within = await verdicts(['put', `${prefix}00000x`, 'new'], paged);
            expect(within).to.deep.equal([VALID, PHANTOM]);
        });
    });
});
