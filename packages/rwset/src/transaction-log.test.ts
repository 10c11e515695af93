import { expect } from 'chai';
import { type Conflict, ConflictAttributor } from './attribute.js';
import { decodeBlock } from './decode-block.js';
import { RwsetError } from './errors.js';
import { LedgerReplay } from './ledger-replay.js';
import type { Block } from './model.js';
import { redactBlocks } from './redact.js';
import { simulate } from './simulate.js';
import { FIXTURE_BLOCKS } from './test-support/fixture-blocks.js';
import { traceOfBlocks } from './trace.js';
import { exportLog, importLog } from './transaction-log.js';

const blocks = FIXTURE_BLOCKS.map((bytes) => decodeBlock(bytes));

/** Views and copies of bytes are the same here. */
function plain(value: unknown): unknown {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
    if (value instanceof Error) return value.message;
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}

/** Every text of a log, and whatever else a text is when it is taken for base64. */
function contents(lines: Iterable<string>): string {
    const texts: string[] = [];
    for (const line of lines) {
        JSON.parse(line, (_, value: unknown) => {
            if (typeof value === 'string') {
                texts.push(value, Buffer.from(value, 'base64').toString('latin1'));
            }
            return value;
        });
    }
    return texts.join('\n');
}

const conflictsOf = (log: readonly Block[]): readonly Conflict[] => {
    const attributor = new ConflictAttributor();
    return log.flatMap((block) => attributor.add(block));
};

describe('The transaction log', () => {
    it('gives back the blocks it was given', () => {
        expect(plain(importLog(exportLog(blocks)))).to.deep.equal(plain(blocks));
    });

    it('has a line for itself, and one for every block and every transaction', () => {
        const lines = [...exportLog(blocks)];
        const transactions = blocks.reduce((sum, block) => sum + block.transactions.length, 0);
        expect(lines).to.have.lengthOf(1 + blocks.length + transactions);
        expect(lines.every((line) => !line.includes('\n'))).to.equal(true);
    });

    it('can be replayed', () => {
        const replay = new LedgerReplay();
        const disagreements = importLog(exportLog(blocks)).flatMap(
            (block) => replay.add(block).disagreements,
        );
        expect(disagreements).to.deep.equal([]);
    });

    const broken: readonly [string, (lines: string[]) => string[], string][] = [
        ['nothing at all', () => [], 'empty'],
        ['another format', (lines) => ['{"format":"x"}', ...lines.slice(1)], 'Line 1'],
        ['a line that is not JSON', (lines) => [lines[0]!, '{'], 'Line 2'],
        ['a line that is no object', (lines) => [lines[0]!, '7'], 'Line 2'],
        ['a transaction without a block', (lines) => [lines[0]!, lines[2]!], 'before its block'],
        ['a log cut short', (lines) => lines.slice(0, 2), 'lacks 1'],
        ['a transaction too many', (lines) => [...lines.slice(0, 3), lines[2]!], 'more'],
        ['an unknown kind', (lines) => [lines[0]!, lines[1]!, '{"kind":"x"}'], 'kind'],
        [
            'bytes that are none',
            (lines) => [...lines.slice(0, 2), lines[2]!.replace('"creator":"', '"creator":"?')],
            'base64',
        ],
        [
            'a broken read/write set',
            (lines) => [
                ...lines.slice(0, 2),
                '{"kind":"invoke","code":0,"type":3,"at":1,"rwsetBytes":"/w=="}',
            ],
            'rwsetBytes',
        ],
    ];
    for (const [name, spoil, message] of broken) {
        it(`refuses ${name}, and says where`, () => {
            const lines = spoil([...exportLog(blocks.slice(1, 2))]);
            if (name === 'bytes that are none') expect(lines[2]).to.include('?');
            expect(() => importLog(lines))
                .to.throw(RwsetError, message)
                .with.property('code', 'RWSET_LOG_MALFORMED');
        });
    }
});

describe('Redacting', () => {
    const redacted = redactBlocks(blocks);

    it('takes out keys, values, arguments, identities, names and ids', () => {
        const raw = contents(exportLog(blocks));
        const rest = contents(exportLog(redacted));
        const { txId } = blocks[6]!.transactions[0]!;
        for (const secret of [
            'hot',
            'r00002x',
            'Org1MSP',
            'mychannel',
            'lab',
            'collA',
            'BEGIN',
            txId,
        ]) {
            expect(raw.includes(secret), secret).to.equal(true);
            expect(rest.includes(secret), secret).to.equal(false);
        }
        expect(rest.length).to.be.lessThan(raw.length / 5);
    });

    it('leaves verdicts and conflicts what they were', () => {
        const replay = new LedgerReplay();
        const replayed = importLog(exportLog(redacted)).map((block) => replay.add(block));
        expect(replayed.flatMap(({ disagreements }) => disagreements)).to.deep.equal([]);
        const shape = (conflict: Conflict): unknown => [
            conflict.class,
            conflict.victim.blockNum,
            conflict.victim.txNum,
            conflict.victim.functionName,
            conflict.blocker?.blockNum,
            conflict.blocker?.txNum,
            conflict.ageInBlocks,
        ];
        expect(conflictsOf(redacted).map(shape)).to.deep.equal(conflictsOf(blocks).map(shape));
    });

    it('leaves a trace that simulates to the same', () => {
        const options = { strategy: { name: 'naive' } } as const;
        expect(simulate(traceOfBlocks(redacted), options)).to.deep.equal(
            simulate(traceOfBlocks(blocks), options),
        );
    });

    it('keeps what it is told to keep', () => {
        const keep = [
            'keys',
            'values',
            'args',
            'functions',
            'chaincodes',
            'identities',
            'txIds',
            'events',
            'responses',
            'channel',
        ] as const;
        const all = redactBlocks(blocks, { keep });
        expect(plain(all.map(({ transactions }) => transactions))).to.deep.equal(
            plain(blocks.map(({ transactions }) => transactions)),
        );
        const [, , , , block] = redactBlocks(blocks, { keep: [] });
        expect(block?.transactions[0]?.functionName).to.match(/^function\d+$/);
    });
});
