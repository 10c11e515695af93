import { status as Grpc } from '@grpc/grpc-js';
import { expect } from 'chai';
import { GatewayError } from '../errors.js';
import { grpcError } from '../test-support/fake-network.js';
import { classify, type Stage } from './classify.js';
import { classifyVerdict } from './verdict.js';

type Case = readonly [
    stage: Stage,
    status: number,
    text: string,
    detail: string | null,
    expected: string,
];

const tooMany = 'too many requests for /gateway.Gateway, exceeding concurrency limit (500)';

const cases: readonly Case[] = [
    ['endorse', Grpc.UNAVAILABLE, 'no connection', null, 'GATEWAY_UNAVAILABLE repeat'],
    ['endorse', Grpc.UNKNOWN, tooMany, null, 'GATEWAY_OVERLOADED repeat'],
    ['submit', Grpc.UNKNOWN, tooMany, null, 'GATEWAY_OVERLOADED repeat'],
    [
        'endorse',
        Grpc.DEADLINE_EXCEEDED,
        'endorsement timeout expired',
        null,
        'GATEWAY_TIMED_OUT repeat',
    ],
    [
        'endorse',
        Grpc.ABORTED,
        'failed to endorse transaction',
        'chaincode response 500, OUT_OF_STOCK: none left',
        'GATEWAY_CONTRACT_REJECTED fail',
    ],
    [
        'evaluate',
        Grpc.UNKNOWN,
        'evaluate call to endorser returned error: chaincode response 404, absent',
        null,
        'GATEWAY_CONTRACT_REJECTED fail',
    ],
    [
        'endorse',
        Grpc.ABORTED,
        'failed to assemble transaction: ProposalResponsePayloads do not match',
        null,
        'GATEWAY_ENDORSEMENT_MISMATCH reendorse',
    ],
    [
        'endorse',
        Grpc.FAILED_PRECONDITION,
        'no combination of peers can be derived which satisfy the endorsement policy',
        null,
        'GATEWAY_NO_ENDORSERS repeat',
    ],
    [
        'endorse',
        Grpc.ABORTED,
        'failed to endorse transaction',
        'error in simulation: failed to execute transaction: timeout expired while executing transaction',
        'GATEWAY_TIMED_OUT repeat',
    ],
    [
        'endorse',
        Grpc.ABORTED,
        'failed to endorse transaction',
        'error in simulation: chaincode stream terminated',
        'GATEWAY_ENDORSEMENT_FAILED repeat',
    ],
    ['endorse', Grpc.PERMISSION_DENIED, 'access denied', null, 'GATEWAY_PERMISSION_DENIED fail'],
    ['endorse', Grpc.INVALID_ARGUMENT, 'what?', null, 'GATEWAY_REQUEST_REFUSED fail'],
    [
        'endorse',
        Grpc.RESOURCE_EXHAUSTED,
        'Received message larger than max (5 vs. 4)',
        null,
        'GATEWAY_TOO_LARGE fail',
    ],
    [
        'endorse',
        Grpc.UNKNOWN,
        'the creator certificate is not valid: certificate has expired',
        null,
        'GATEWAY_IDENTITY_EXPIRED fail',
    ],
    [
        'endorse',
        Grpc.UNAVAILABLE,
        'failed to find any endorsing peers for org(s): Org9MSP',
        null,
        'GATEWAY_NO_ENDORSERS repeat',
    ],
    [
        'endorse',
        Grpc.FAILED_PRECONDITION,
        'failed to select a set of endorsers that satisfy the endorsement policy due to unavailability of peers: [peer0.org2.example.com:9051]',
        null,
        'GATEWAY_UNAVAILABLE repeat',
    ],
    [
        'evaluate',
        Grpc.UNAVAILABLE,
        'failed to get config for channel [elsewhere]: could not get last config for channel elsewhere',
        null,
        'GATEWAY_CHANNEL_UNKNOWN fail',
    ],
    ['submit', Grpc.UNAVAILABLE, 'no orderers', null, 'GATEWAY_UNAVAILABLE resolve'],
    ['submit', Grpc.DEADLINE_EXCEEDED, 'submit timeout', null, 'GATEWAY_TIMED_OUT resolve'],
    ['submit', Grpc.ABORTED, 'unsuccessful response', null, 'GATEWAY_ENDORSEMENT_FAILED resolve'],
    ['submit', Grpc.INVALID_ARGUMENT, 'must be signed', null, 'GATEWAY_REQUEST_REFUSED fail'],
];

describe('understanding a failed call', () => {
    for (const [stage, status, text, detail, expected] of cases) {
        it(`takes ${Grpc[status] ?? ''} of ${stage} with "${detail ?? text}" for ${expected}`, () => {
            const error = grpcError(status, text, detail === null ? [] : [detail]);
            const classified = classify(stage, error, 'tx1');
            expect(`${classified.error.code} ${classified.remedy}`).to.equal(expected);
            expect(classified.error.message.length).to.be.greaterThan(20);
        });
    }

    it('never calls a submission retryable whose outcome is in doubt', () => {
        for (const status of Object.values(Grpc).filter((value) => typeof value === 'number')) {
            const { error, remedy } = classify('submit', grpcError(status, 'hm'));
            if (remedy === 'resolve') expect(error.retryable).to.equal(false);
        }
    });

    it('gives the contract code where the contract has one', () => {
        const text = 'chaincode response 500, OUT_OF_STOCK: none left';
        const { error } = classify('endorse', grpcError(Grpc.ABORTED, 'failed', [text]));
        expect(error).to.include({ contractCode: 'OUT_OF_STOCK', contractMessage: 'none left' });
    });

    it('passes on an error that is understood already', () => {
        const known = new GatewayError('GATEWAY_CLOSED', 'closed');
        expect(classify('endorse', known)).to.deep.equal({ error: known, remedy: 'fail' });
    });

    it('takes anything else for an answer it cannot read', () => {
        expect(classify('endorse', new Error('hm')).error.code).to.equal(
            'GATEWAY_RESPONSE_MALFORMED',
        );
        expect(classify('submit', 'hm').remedy).to.equal('resolve');
    });
});

describe('understanding a verdict', () => {
    it('names conflicts, and lets them be endorsed afresh', () => {
        const seen = [11, 12, 10, 3].map((code) => {
            const { error, remedy } = classifyVerdict('tx1', code);
            return `${error.code} ${remedy}`;
        });
        expect(seen).to.deep.equal([
            'GATEWAY_MVCC_CONFLICT reendorse',
            'GATEWAY_PHANTOM_CONFLICT reendorse',
            'GATEWAY_ENDORSEMENT_POLICY reendorse',
            'GATEWAY_TRANSACTION_INVALID fail',
        ]);
    });
});
