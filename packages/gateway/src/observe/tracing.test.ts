import { expect } from 'chai';
import { GatewayError } from '../errors.js';
import { committedReceipt } from '../client/receipt.js';
import type { Operation } from '../strategy/operation.js';
import { BoundedLabels } from './bounded-labels.js';
import { openTelemetryTracer, Tracing, type TracerLike } from './tracing.js';

interface Span {
    readonly name: string;
    readonly attributes: Readonly<Record<string, unknown>>;
    status?: string;
    ended: boolean;
}

function recorder(): { readonly spans: Span[]; readonly tracer: TracerLike } {
    const spans: Span[] = [];
    const tracer: TracerLike = {
        startSpan: (name, { attributes = {} }) => {
            const span: Span = { name, attributes, ended: false };
            spans.push(span);
            return {
                setStatus: ({ message }) => {
                    span.status = message ?? '';
                },
                end: () => {
                    span.ended = true;
                },
            };
        },
    };
    return { spans, tracer };
}

const operation = {
    scope: 'cc',
    call: { transaction: 'pay', args: ['secret'] },
} as unknown as Operation;
const fields = {
    id: 'secret-id',
    strategy: 'merge',
    attempts: 1,
    elapsedMs: 5,
    batchSize: 3,
    recovered: false,
} as const;

describe('tracing', () => {
    it('makes a span of each transaction and operation, without what was submitted', () => {
        const { spans, tracer } = recorder();
        const tracing = new Tracing(tracer);
        const status = { transactionId: 'tx1', code: 0, blockNumber: 5n };
        tracing.transaction({ operations: [operation], endorseMs: 3, commitMs: 9, status });
        tracing.settled(
            operation,
            committedReceipt({
                ...fields,
                transactionId: 'tx1',
                position: { block: 5n, operation: 0 },
                result: Buffer.from('secret'),
            }),
        );
        const error = new GatewayError('GATEWAY_CONTRACT_REJECTED', 'secret', {});
        tracing.settled(operation, { ...fields, outcome: 'rejected', error });
        expect(spans.map(({ name, status: failed, ended }) => [name, failed, ended])).to.deep.equal(
            [
                ['goodput transaction', undefined, true],
                ['goodput operation', undefined, true],
                ['goodput operation', 'GATEWAY_CONTRACT_REJECTED', true],
            ],
        );
        expect(spans[0]?.attributes).to.include({
            'goodput.function': 'cc:pay',
            'fabric.transaction_id': 'tx1',
        });
        expect(JSON.stringify(spans)).to.not.contain('secret');
    });

    it('is left out when the API is not installed', async () => {
        const missing = (): Promise<unknown> => Promise.reject(new Error('Cannot find module'));
        expect(await openTelemetryTracer(missing)).to.equal(undefined);
    });

    it('takes its tracer from the API when that is there', async () => {
        const { tracer } = recorder();
        const api = { trace: { getTracer: (name: string) => (name ? tracer : undefined) } };
        expect(await openTelemetryTracer(() => Promise.resolve(api))).to.equal(tracer);
    });
});

describe('labels of metrics', () => {
    it('stay bounded whatever names come', () => {
        const labels = new BoundedLabels();
        const seen = new Set(Array.from({ length: 5_000 }, (_, n) => labels.label(`f${n}`)));
        expect(seen.size).to.equal(201);
        expect(labels.label('f0')).to.equal('f0');
        expect(labels.label('f4999')).to.equal('other');
    });
});
