import { expect } from 'chai';
import { HeightQuestions } from './height-questions.js';

interface Peer {
    readonly name: string;
    height: bigint;
    readonly health: { available(): boolean; pauseMs(): number; readonly latencyMs: number };
}

function peer(name: string, height: bigint, up = true): Peer {
    const health = { available: () => up, pauseMs: () => 0, latencyMs: 5 };
    return { name, height, health };
}

describe('the heights of peers', () => {
    const asked: string[] = [];
    const questions = (...peers: Peer[]): HeightQuestions<Peer> =>
        new HeightQuestions(peers, async (each, height) => {
            asked.push(each.name);
            await Promise.resolve();
            each.height = height;
        });
    beforeEach(() => {
        asked.length = 0;
    });

    it('are not asked for while one that has the blocks can be reached', async () => {
        await questions(peer('a', 9n), peer('b', 0n)).learn(9n);
        await questions(peer('a', 0n), peer('b', 0n)).learn();
        await questions(peer('a', 9n, false)).learn(9n);
        expect(asked).to.deep.equal([]);
    });

    it('are asked of those that can be reached when the one that has the blocks is gone', async () => {
        const [tall, other] = [peer('a', 9n, false), peer('b', 0n)];
        const heights = questions(tall, other);
        await Promise.all([heights.learn(9n), heights.learn(9n)]);
        expect(asked).to.deep.equal(['b']);
        expect(other.height).to.equal(9n);
    });

    it('are not asked for again at once, and may fail to be told', async () => {
        let questionsAsked = 0;
        const behind = new HeightQuestions([peer('b', 3n)], () => {
            questionsAsked += 1;
            return Promise.reject(new Error('busy'));
        });
        await behind.learn(9n);
        await behind.learn(9n);
        expect(questionsAsked).to.equal(1);
    });
});
