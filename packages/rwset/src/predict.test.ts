import { expect } from 'chai';
import { decodeBlock } from './decode-block.js';
import { deriveTemplate, fillTemplate, templateText, textsOf } from './key-template.js';
import { measurePrediction } from './measure-prediction.js';
import { KeyPredictor } from './predict.js';
import { ReadWriteSetBuilder } from './read-write-set-builder.js';
import { observedCalls } from './test-support/calls.js';
import { FIXTURE_BLOCKS } from './test-support/fixture-blocks.js';
import { conflictProbability, WriteRates } from './write-rates.js';

const derive = (key: string, args: readonly string[]): string => {
    const texts = textsOf(args);
    const template = deriveTemplate(key, texts);
    if (template === undefined) return 'none';
    expect(fillTemplate(template, texts)).to.equal(key);
    return templateText(template);
};

describe('Finding arguments in keys', () => {
    it('finds them where they stand apart', () => {
        expect(derive('acct7', ['7'])).to.equal('acct{0}');
        expect(derive('acct:7', ['7'])).to.equal('acct:{0}');
        expect(derive('acct17', ['7'])).to.equal('none');
        expect(derive('\u0000rel\u0000alice\u0000bob\u0000', ['bob', 'alice'])).to.equal(
            '\u0000rel\u0000{1}\u0000{0}\u0000',
        );
    });

    it('takes the longest first, and finds what is in JSON', () => {
        expect(derive('p-10-1', ['1', '10'])).to.equal('p-{1}-{0}');
        expect(derive('item/x9', ['{"item":{"id":"x9"}}'])).to.equal('item/{0.item.id}');
    });

    it('takes an argument that only looks like JSON as it is', () => {
        expect(derive('k{broken', ['{broken'])).to.equal('k{0}');
    });
});

describe('Predicting keys', () => {
    it('learns templates, and leaves out what does not follow from the call', () => {
        const predictor = new KeyPredictor();
        for (const { call, rwset } of observedCalls(300)) predictor.observe(call, rwset);
        expect(predictor.templates('bank', 'transfer')).to.deep.equal([
            'read acct-{0}',
            'read acct-{1}',
            'read config',
            'write acct-{0}',
            'write acct-{1}',
        ]);
        expect(predictor.templates('bank', 'order')).to.deep.equal(['write order-{0.order.id}']);
        const transfer = predictor.predict({
            chaincode: 'bank',
            functionName: 'transfer',
            args: ['me', 'you', '1'],
        });
        expect(transfer.writes.map(({ key }) => key)).to.deep.equal(['acct-me', 'acct-you']);
        expect(transfer.confidence).to.be.greaterThan(0.9);
        const order = predictor.predict({ chaincode: 'bank', functionName: 'order', args: ['{}'] });
        expect(order.confidence).to.be.lessThan(0.1);
    });

    it('is precise on calls it has not seen, and recalls all that follows from the arguments', () => {
        const quality = measurePrediction(observedCalls(2000));
        expect(quality.calls).to.equal(1000);
        expect(quality.precision).to.be.greaterThan(0.99);
        // One of the two keys of every order is random, and nobody can foresee it.
        expect(quality.recall).to.be.within(0.8, 0.9);
    });

    it('learns from the blocks of a real peer', () => {
        const predictor = new KeyPredictor();
        for (const bytes of FIXTURE_BLOCKS) {
            for (const tx of decodeBlock(bytes).transactions) predictor.observeTransaction(tx);
        }
        const { reads, writes, confidence } = predictor.predict({
            chaincode: 'lab',
            functionName: 'inc',
            args: ['new-counter', '1'],
        });
        expect(reads.map(({ key }) => key)).to.deep.equal(['new-counter']);
        expect(writes.map(({ key }) => key)).to.deep.equal(['new-counter']);
        expect(confidence).to.be.greaterThan(0.7);
    });

    it('knows nothing of a function it has not seen', () => {
        expect(
            new KeyPredictor().predict({ chaincode: 'x', functionName: 'y', args: [] }),
        ).to.deep.equal({ reads: [], writes: [], confidence: 0 });
    });

    it('keeps to its limits', () => {
        const predictor = new KeyPredictor({ maxTemplates: 4, maxFunctions: 2 });
        for (let i = 0; i < 50; i++) {
            const builder = new ReadWriteSetBuilder();
            for (let k = 0; k < 20; k++) builder.addRead('cc', `x${i}-${k}`, undefined);
            const call = { chaincode: 'cc', functionName: `f${i % 3}`, args: [] };
            predictor.observe(call, builder.build().rwset);
        }
        const known = ['f0', 'f1', 'f2'].filter(
            (functionName) =>
                predictor.predict({ chaincode: 'cc', functionName, args: [] }).reads.length > 0,
        );
        expect(known).to.have.lengthOf.at.most(2);
        expect(predictor.templates('cc', 'f1')).to.have.lengthOf.at.most(4);
    });
});

describe('Conflict probability', () => {
    it('is that of a write within the time', () => {
        expect(conflictProbability([], 10)).to.equal(0);
        expect(conflictProbability([1, 1], 0.5)).to.be.closeTo(1 - Math.exp(-1), 1e-12);
    });

    it('follows the rate at which keys are written', () => {
        const rates = new WriteRates({ halfLifeMs: 1000 });
        for (let at = 0; at <= 20_000; at += 100) rates.note('hot', at);
        expect(rates.rate('hot', 20_000)).to.be.closeTo(10, 1);
        expect(rates.rate('hot', 21_000)).to.be.closeTo(5, 0.5);
        expect(rates.rate('cold', 20_000)).to.equal(0);
        expect(rates.conflictProbability(['hot', 'cold'], 20_000, 1000)).to.be.greaterThan(0.99);
    });

    it('drops the keys written longest ago', () => {
        const rates = new WriteRates({ maxKeys: 2 });
        for (const key of ['a', 'b', 'a', 'c']) rates.note(key, 0);
        expect(['a', 'b', 'c'].map((key) => rates.rate(key, 0) > 0)).to.deep.equal([
            true,
            false,
            true,
        ]);
    });
});
