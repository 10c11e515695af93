import { expect } from 'chai';
import { freshKey, type Client } from './support/client.js';
import { useTarget } from './support/target.js';

interface Page {
    rows: { key: string; value: string }[];
    metadata: { bookmark: string; fetchedRecordsCount: number };
}

describe('range queries', () => {
    const target = useTarget();
    let client: Client;
    let prefix: string;
    before(async () => {
        client = target.current.client();
        prefix = `${freshKey('range')}-`;
        await client.must('putN', prefix, '12', 'v');
    });

    const key = (number: number): string => `${prefix}${String(number).padStart(5, '0')}`;
    const keys = (from: number, to: number): string[] =>
        Array.from({ length: to - from }, (_, index) => key(from + index));

    it('begin at the start key and end before the end key', async () => {
        expect(await client.ask('rangeKeys', key(2), key(5))).to.deep.equal(keys(2, 5));
    });

    it('do not need keys that are there', async () => {
        expect(await client.ask('rangeKeys', `${key(2)}x`, `${key(5)}x`)).to.deep.equal(keys(3, 6));
    });

    it('give nothing where nothing is', async () => {
        expect(await client.ask('rangeKeys', `${prefix}x`, `${prefix}y`)).to.deep.equal([]);
        expect(await client.ask('rangeKeys', key(3), key(3))).to.deep.equal([]);
    });

    it('give nothing when they end before they start', async () => {
        const outcome = await client.ask<string[]>('rangeKeys', key(5), key(2)).catch(() => []);
        expect(outcome).to.deep.equal([]);
    });

    it('go over all keys, composite ones left out, when neither end is given', async () => {
        const type = freshKey('type');
        await client.must('putComposite', type, '["a"]', 'v');
        const all = await client.ask<string[]>('rangeKeys', '', '');
        expect(all).to.include.members(keys(0, 12));
        expect(all.filter((each) => each.includes('\u0000'))).to.deep.equal([]);
    });

    it('are in order of the keys’ bytes, not of their UTF-16 units', async () => {
        const base = freshKey('order');
        const ends = ['z', 'A', 'ä', '\uE000', '\u{1F600}', '', '0'];
        for (const end of ends) await client.must('put', base + end, 'v');
        const sorted = ends.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        const found = await client.ask<string[]>('rangeKeys', base, `${base}\u{10FFFF}`);
        expect(found).to.deep.equal(sorted.map((end) => base + end));
    });

    it('of many rows give all of them', async () => {
        const many = `${freshKey('many')}-`;
        await client.must('putN', many, '350', 'v');
        expect(await client.evaluate('rangeCount', many, `${many}~`, '')).to.equal('350');
    });

    it('can be left before their end', async () => {
        expect(await client.ask('rangeFirst', prefix, `${prefix}~`, '2', '')).to.deep.equal(
            keys(0, 2),
        );
    });

    it('do not see what the same transaction wrote', async () => {
        const own = `${freshKey('own')}-`;
        const { result } = await client.submit('rangeCount', [own, `${own}~`, `${own}1`]);
        expect(result).to.equal('0');
    });

    it('come in pages, each with a bookmark to the next', async () => {
        const seen: string[] = [];
        const sizes: number[] = [];
        let bookmark = '';
        do {
            const page = await client.ask<Page>(
                'rangePaged',
                prefix,
                `${prefix}~`,
                '5',
                bookmark,
                '',
            );
            expect(page.metadata.fetchedRecordsCount).to.equal(page.rows.length);
            seen.push(...page.rows.map((row) => row.key));
            sizes.push(page.rows.length);
            ({ bookmark } = page.metadata);
        } while (bookmark !== '');
        expect(seen).to.deep.equal(keys(0, 12));
        expect(sizes).to.deep.equal([5, 5, 2]);
    });

    it('give no bookmark with the last page, even when it is full', async () => {
        const page = await client.ask<Page>('rangePaged', prefix, `${prefix}~`, '12', '', '');
        expect(page.rows).to.have.length(12);
        expect(page.metadata.bookmark).to.equal('');
    });

    it('take the bookmark for the key to go on at', async () => {
        const page = await client.ask<Page>('rangePaged', prefix, `${prefix}~`, '3', '', '');
        expect(page.metadata.bookmark).to.equal(key(3));
        const next = await client.ask<Page>('rangePaged', prefix, `${prefix}~`, '3', key(7), '');
        expect(next.rows.map((row) => row.key)).to.deep.equal(keys(7, 10));
    });
});

describe('composite keys', () => {
    const target = useTarget();
    let client: Client;
    const type = freshKey('car');
    before(async () => {
        client = target.current.client();
        for (const parts of [
            ['red', '1'],
            ['red', '2'],
            ['blue', '1'],
            ['redder', '1'],
        ]) {
            await client.must('putComposite', type, JSON.stringify(parts), parts.join());
        }
    });

    async function list(...parts: string[]): Promise<string[]> {
        const rows = await client.ask<{ value: string }[]>(
            'listComposite',
            type,
            JSON.stringify(parts),
            '',
        );
        return rows.map(({ value }) => value);
    }

    it('are found by their first parts, in order', async () => {
        expect(await list()).to.deep.equal(['blue,1', 'red,1', 'red,2', 'redder,1']);
        expect(await list('red')).to.deep.equal(['red,1', 'red,2']);
        expect(await list('green')).to.deep.equal([]);
    });

    it('are not found by parts of parts', async () => {
        expect(await list('re')).to.deep.equal([]);
    });

    it('come in pages too', async () => {
        interface Parts {
            parts: string[][];
            metadata: { bookmark: string };
        }
        const first = await client.ask<Parts>('listCompositePaged', type, '[]', '3', '');
        const second = await client.ask<Parts>(
            'listCompositePaged',
            type,
            '[]',
            '3',
            first.metadata.bookmark,
        );
        expect([...first.parts, ...second.parts]).to.deep.equal([
            ['blue', '1'],
            ['red', '1'],
            ['red', '2'],
            ['redder', '1'],
        ]);
        expect(second.metadata.bookmark).to.equal('');
    });
});

describe('the history of a key', () => {
    const target = useTarget();

    interface Entry {
        txId: string;
        isDelete: boolean;
        value: string;
        ts: { seconds: unknown };
    }

    it('has every valid write, the newest first', async () => {
        const client = target.current.client();
        const key = freshKey();
        const first = await client.must('put', key, 'one');
        const second = await client.must('del', key);
        const third = await client.must('put', key, 'three');
        const entries = await client.ask<Entry[]>('history', key);
        expect(entries.map(({ txId }) => txId)).to.deep.equal(
            [third, second, first].map((o) => o.txId),
        );
        expect(entries.map(({ isDelete }) => isDelete)).to.deep.equal([false, true, false]);
        expect(entries.map(({ value }) => value)).to.deep.equal(['three', '', 'one']);
    });

    it('leaves out what was not valid', async () => {
        const client = target.current.client();
        const key = freshKey();
        await client.must('put', key, '0');
        const stale = await client.endorse('inc', [key]);
        await client.must('inc', key);
        const submitted = await stale.submit();
        expect((await submitted.getStatus()).successful).to.equal(false);
        const entries = await client.ask<Entry[]>('history', key);
        expect(entries.map(({ value }) => value)).to.deep.equal(['1', '0']);
    });

    it('is empty for a key nobody wrote', async () => {
        expect(await target.current.client().ask('history', freshKey())).to.deep.equal([]);
    });
});
