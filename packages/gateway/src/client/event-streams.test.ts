import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { OpenStream } from '../events/event-stream.js';
import { EventStreams, type EventOptions } from './event-streams.js';

/** A stream in which nothing happens. */
const nothing: OpenStream<string> = () => {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
        end = resolve;
    });
    return Promise.resolve({
        close: end,
        async *[Symbol.asyncIterator]() {
            await ended;
            yield* [];
        },
    });
};

describe('the event streams of a client', () => {
    const streams = new EventStreams(() => 5n);
    const handler = (): void => undefined;
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'goodput-streams-'));
    });
    afterEach(async () => {
        await streams.close();
        rmSync(folder, { recursive: true, force: true });
    });

    it('are refused with options that would have no effect, or only with the first event', () => {
        const wrong: [unknown, RegExp][] = [
            [{}, /handler must be a function/],
            [{ handler, onErr: 'skip' }, /no "onErr"; there is .*onError/],
            [{ handler, onError: 'Skip' }, /onError must be one of/],
            [{ handler, startBlock: 5 }, /startBlock must be a bigint/],
            [{ handler, startBlock: -1n }, /startBlock must be a bigint/],
            [{ handler, attempts: 0 }, /attempts/],
            [{ handler, checkpointEvery: NaN }, /checkpointEvery/],
        ];
        for (const [options, why] of wrong) {
            expect(() => streams.add(nothing, options as EventOptions<string>)).to.throw(why);
        }
    });

    it('have a checkpoint each, which is free again once a stream has ended', async () => {
        const checkpoint = join(folder, 'events.json');
        const first = streams.add(nothing, { handler, checkpoint });
        const same = join(folder, '.', 'events.json');
        expect(() => streams.add(nothing, { handler, checkpoint: same })).to.throw(
            /another stream/,
        );
        await first.close();
        await streams.add(nothing, { handler, checkpoint }).close();
    });
});
