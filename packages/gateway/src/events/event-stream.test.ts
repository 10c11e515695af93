import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { CheckpointFile, type EventPosition } from './checkpoint-file.js';
import {
    EventStream,
    type EventStreamOptions,
    type OpenStream,
    type Positioned,
} from './event-stream.js';

const log: readonly Positioned<number>[] = Array.from({ length: 30 }, (_, value) => ({
    block: BigInt(Math.floor(value / 3)),
    index: value % 3,
    value,
}));

/** Streams the log from a block on, breaking after each of the given numbers of items. */
function source(breaks: readonly number[]): OpenStream<number> {
    let opened = 0;
    return (start = 0n) => {
        let left = breaks[opened++] ?? Infinity;
        let close: () => void = () => undefined;
        const closed = new Promise<void>((resolve) => {
            close = resolve;
        });
        return Promise.resolve({
            close: () => {
                close();
            },
            async *[Symbol.asyncIterator]() {
                for (const item of log) {
                    if (item.block < start) continue;
                    if (left-- <= 0) throw new Error('14 UNAVAILABLE');
                    yield item;
                }
                await closed;
            },
        });
    };
}

interface Consumed {
    readonly values: number[];
    readonly repeated: boolean[];
    readonly stream: EventStream<number>;
}

function memory(): {
    load: () => Promise<EventPosition | undefined>;
    save: (at: EventPosition) => Promise<void>;
} {
    let saved: EventPosition | undefined;
    return {
        load: () => Promise.resolve(saved),
        save: (at) => {
            saved = at;
            return Promise.resolve();
        },
    };
}

/** Consumes until `last` has been handled, then closes. */
async function consume(
    open: OpenStream<number>,
    last: number,
    options: Partial<EventStreamOptions<number>> = {},
): Promise<Consumed> {
    const values: number[] = [];
    const repeated: boolean[] = [];
    let done: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
        done = resolve;
    });
    const stream = new EventStream<number>(open, {
        startBlock: 0n,
        ...options,
        handler: async (value, delivery) => {
            await options.handler?.(value, delivery);
            values.push(value);
            repeated.push(delivery.repeated);
            if (value === last) done();
        },
    });
    await Promise.race([finished, stream.done]);
    await stream.close();
    return { values, repeated, stream };
}

const upTo = (last: number, first = 0): number[] =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('a stream of events', function () {
    this.timeout(180_000);

    it('delivers each once and in order, however often it breaks', async () => {
        const { values, repeated, stream } = await consume(source([4, 1, 0, 7, 2]), 29);
        expect(values).to.deep.equal(upTo(29));
        expect(repeated.every((each) => !each)).to.equal(true);
        expect(stream.reconnects).to.equal(5);
    });

    it('goes on from the checkpoint in the middle of a block, and says what may repeat', async () => {
        const checkpoint = memory();
        await consume(source([]), 10, { checkpoint });
        const { values, repeated } = await consume(source([]), 14, { checkpoint });
        expect(values).to.deep.equal(upTo(14, 11));
        expect(repeated).to.deep.equal([true, false, false, false]);
    });

    it('never skips when the process dies between handling and checkpoint', async () => {
        const runs = fc.record({
            dieAfter: fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 6 }),
            breaks: fc.array(fc.nat(6), { maxLength: 4 }),
            every: fc.integer({ min: 1, max: 5 }),
        });
        await fc.assert(
            fc.asyncProperty(runs, async ({ dieAfter, breaks, every }) => {
                const real = memory();
                const seen: number[] = [];
                const certain: number[] = [];
                for (const most of [...dieAfter, Infinity]) {
                    let left = most;
                    // A dead process saves nothing any more.
                    const dead = (): boolean => left <= 0;
                    const checkpoint = {
                        load: real.load,
                        save: (at: EventPosition) => (dead() ? Promise.resolve() : real.save(at)),
                    };
                    await new Promise<void>((resolve) => {
                        const stream = new EventStream<number>(source(breaks.slice(0, 1)), {
                            startBlock: 0n,
                            checkpoint,
                            checkpointEvery: every,
                            handler: (value, { repeated }) => {
                                if (dead()) return;
                                seen.push(value);
                                if (!repeated) certain.push(value);
                                left -= 1;
                                if (!dead() && value < 29) return;
                                setImmediate(() => {
                                    void stream.close().then(resolve);
                                });
                            },
                        });
                    });
                    if (seen.at(-1) === 29) break;
                }
                expect([...new Set(seen)]).to.have.members(upTo(29));
                expect(new Set(certain).size, 'certain deliveries are distinct').to.equal(
                    certain.length,
                );
            }),
            { numRuns: 25 },
        );
    });

    it('holds the stream at an event that is not handled, by default', async () => {
        let failures = 2;
        const { values } = await consume(source([]), 3, {
            handler: (value) => {
                if (value === 2 && failures-- > 0) throw new Error('not now');
            },
        });
        expect(values).to.deep.equal([0, 1, 2, 3]);
    });

    it('puts aside what cannot be handled when told to skip', async () => {
        const dead: number[] = [];
        const { values } = await consume(source([]), 5, {
            onError: 'skip',
            attempts: 2,
            deadLetter: (value) => {
                dead.push(value);
            },
            handler: (value) => {
                if (value % 2 === 0) throw new Error('odd ones only');
            },
        });
        expect([values, dead]).to.deep.equal([
            [1, 3, 5],
            [0, 2, 4],
        ]);
    });

    it('stops rather than lose an event that the dead letters do not take', async () => {
        const stream = new EventStream(source([]), {
            startBlock: 0n,
            onError: 'skip',
            attempts: 1,
            handler: () => {
                throw new Error('no');
            },
            deadLetter: () => {
                throw new Error('full');
            },
        });
        const error = await stream.done.catch((thrown: unknown) => thrown);
        expect(error).to.have.property('code', 'GATEWAY_HANDLER_FAILED');
        expect(stream.position).to.deep.equal({ block: 0n, handled: 0 });
    });
});

describe('a checkpoint file', () => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'goodput-checkpoint-'));
    });
    afterEach(() => {
        rmSync(folder, { recursive: true, force: true });
    });

    it('gives back what was saved, and nothing before that', async () => {
        const file = new CheckpointFile(join(folder, 'at'));
        expect(await file.load()).to.equal(undefined);
        await file.save({ block: 12345678901234567890n, handled: 2 });
        expect(await file.load()).to.deep.equal({ block: 12345678901234567890n, handled: 2 });
        expect(readFileSync(file.path, 'utf8')).to.match(/12345678901234567890/);
    });

    const damages = [
        '',
        '\n',
        '\u0000'.repeat(36),
        'null',
        '7',
        '[]',
        '{"block":-1,"handled":0}',
        '{"block":"7"}',
        '{"block":"7","handled":-1}',
        '{"block":"7","handled":1.5}',
        '{"block":"7","handled":"0"}',
        '{"block":"7 ","handled":0}',
    ];
    for (const damaged of damages) {
        it(`takes ${JSON.stringify(damaged)} for damage, not for the beginning`, async () => {
            const path = join(folder, 'at');
            writeFileSync(path, damaged);
            const error = await new CheckpointFile(path).load().catch((thrown: unknown) => thrown);
            expect(error).to.have.property('code', 'GATEWAY_CHECKPOINT_UNUSABLE');
        });
    }

    it('takes itself torn at any byte for damage', async () => {
        const file = new CheckpointFile(join(folder, 'at'));
        await file.save({ block: 907n, handled: 12 });
        const whole = readFileSync(file.path);
        // Without the line's end alone nothing of the position is missing.
        for (let length = 0; length < whole.length - 1; length++) {
            writeFileSync(file.path, whole.subarray(0, length));
            const error = await file.load().catch((thrown: unknown) => thrown);
            expect(error, `${length} bytes`).to.have.property(
                'code',
                'GATEWAY_CHECKPOINT_UNUSABLE',
            );
        }
    });

    it('does not look at what was being written beside it when the power went', async () => {
        const file = new CheckpointFile(join(folder, 'at'));
        await file.save({ block: 7n, handled: 1 });
        writeFileSync(`${file.path}.new`, '{"blo');
        expect(await file.load()).to.deep.equal({ block: 7n, handled: 1 });
        await file.save({ block: 8n, handled: 0 });
        expect(await file.load()).to.deep.equal({ block: 8n, handled: 0 });
    });

    it('that is damaged stops a stream before it delivers anything, and is left as it is', async () => {
        const path = join(folder, 'at');
        writeFileSync(path, '{"block":"3","han');
        let opened = 0;
        let delivered = 0;
        const stream = new EventStream<number>(
            (start) => {
                opened += 1;
                return source([])(start);
            },
            {
                startBlock: 0n,
                checkpoint: new CheckpointFile(path),
                handler: () => {
                    delivered += 1;
                },
            },
        );
        const error = await stream.done.catch((thrown: unknown) => thrown);
        expect(error).to.have.property('code', 'GATEWAY_CHECKPOINT_UNUSABLE');
        expect((error as Error).message).to.match(/restore it, or delete it to begin anew/);
        expect([opened, delivered]).to.deep.equal([0, 0]);
        expect(readFileSync(path, 'utf8')).to.equal('{"block":"3","han');
    });

    it('says so when it cannot be written', async () => {
        const file = new CheckpointFile(join(folder, 'missing', 'at'));
        const error = await file.save({ block: 1n, handled: 0 }).catch((thrown: unknown) => thrown);
        expect(error).to.have.property('code', 'GATEWAY_CHECKPOINT_UNUSABLE');
    });
});
