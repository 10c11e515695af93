import { nativeSigner } from '@goodput/network';
import { hash, connect, type Gateway } from '@hyperledger/fabric-gateway';
import { common, gateway as gatewayProtocol, peer } from '@hyperledger/fabric-protos';
import { expect } from 'chai';
import { commit, freshKey } from './support/client.js';
import { callUnary } from './support/call.js';
import { failureOf } from './support/failure.js';
import { readWriteSetOf, writesOf } from './support/read-write-set.js';
import { useTarget } from './support/target.js';

describe('submitting a transaction', () => {
    const target = useTarget();

    it('commits what was endorsed, and returns the chaincode’s answer', async () => {
        const client = target.current.client();
        const key = freshKey();
        const outcome = await client.submit('inc', [key]);
        expect(outcome).to.include({ code: 'VALID', result: '1' });
        expect(outcome.block).to.be.greaterThan(0);
        expect(await client.evaluate('get', key)).to.equal('1');
    });

    it('is seen by the next one', async () => {
        const client = target.current.client();
        const key = freshKey();
        for (const expected of ['1', '2', '3']) {
            expect((await client.submit('inc', [key])).result).to.equal(expected);
        }
    });

    it('fails in endorsement if the chaincode fails, and leaves nothing', async () => {
        const client = target.current.client();
        const key = freshKey();
        const failure = await failureOf(client.endorse('putFail', [key]));
        expect(failure.status).to.equal('ABORTED');
        expect(failure.text).to.contain('failed to endorse transaction');
        expect(failure.text).to.contain('failed after a write');
        expect(failure.details[0]!.message).to.contain('chaincode response 500');
        expect(await client.evaluate('get', key)).to.equal('');
    });

    it('reads in a transaction do not see its own writes', async () => {
        const client = target.current.client();
        const key = freshKey();
        await client.must('put', key, 'old');
        expect((await client.submit('putGet', [key, 'new'])).result).to.equal('old');
        expect(await client.evaluate('get', key)).to.equal('new');
    });

    it('keeps the last of several writes to a key', async () => {
        const client = target.current.client();
        const key = freshKey();
        const transaction = await client.endorse('putTwice', [key, 'first', 'second']);
        const { lab } = target.current;
        expect(writesOf(readWriteSetOf(transaction, lab))).to.deep.equal({ [key]: 'second' });
        await commit(transaction);
        expect(await client.evaluate('get', key)).to.equal('second');
    });

    it('records a read once, with the version it saw', async () => {
        const client = target.current.client();
        const key = freshKey();
        const { block } = await client.must('put', key, 'x');
        const transaction = await client.endorse('getAll', [JSON.stringify([key, key])]);
        const { reads, writes } = readWriteSetOf(transaction, target.current.lab);
        expect(reads).to.have.length(1);
        expect(reads[0]!.key).to.equal(key);
        expect(reads[0]!.version?.blockNum).to.equal(block);
        expect(writes).to.deep.equal([]);
    });

    it('records the read of an absent key without a version', async () => {
        const transaction = await target.current.client().endorse('get', [freshKey()]);
        const { reads } = readWriteSetOf(transaction, target.current.lab);
        expect(reads.map(({ version }) => version)).to.deep.equal([undefined]);
    });

    it('sorts what was read and written by key, in order of their bytes', async () => {
        const client = target.current.client();
        const prefix = freshKey();
        const keys = ['b', 'a', '\uE000', '\u{1F600}', 'B'].map((end) => `${prefix}${end}`);
        const transaction = await client.endorse('getAll', [JSON.stringify(keys)]);
        const { reads } = readWriteSetOf(transaction, target.current.lab);
        const sorted = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(reads.map(({ key }) => key)).to.deep.equal(sorted);
    });

    it('commits a transaction that only reads', async () => {
        const client = target.current.client();
        const key = freshKey();
        await client.must('put', key, 'x');
        expect(await client.submit('get', [key])).to.include({ code: 'VALID', result: 'x' });
    });

    it('commits a transaction that does nothing at all', async () => {
        expect(await target.current.client().submit('init')).to.include({
            code: 'VALID',
            result: 'ok',
        });
    });

    it('takes a large value', async () => {
        const client = target.current.client();
        const key = freshKey();
        const value = 'v'.repeat(500_000);
        await client.must('put', key, value);
        expect(await client.evaluate('get', key)).to.equal(value);
    });

    it('keeps keys of any text', async () => {
        const client = target.current.client();
        for (const end of [' ', '/', 'ä', '\u{1F600}', '~', '%00', '\n']) {
            const key = freshKey() + end;
            await client.must('put', key, end);
            expect(await client.evaluate('get', key)).to.equal(end);
        }
    });

    it('treats an empty value like a deletion', async () => {
        const client = target.current.client();
        const key = freshKey();
        await client.must('put', key, 'x');
        const outcome = await client.submit('put', [key, '']);
        expect(outcome.code).to.equal('VALID');
        expect(await client.evaluate('get', key)).to.equal('');
        const range = await client.ask<string[]>('rangeKeys', key, `${key}~`);
        expect(range).to.deep.equal([]);
    });

    it('answers a request for the status of a committed transaction again and again', async () => {
        const client = target.current.client();
        const transaction = await client.endorse('put', [freshKey(), 'x']);
        const submitted = await transaction.submit();
        const [first, second] = [await submitted.getStatus(), await submitted.getStatus()];
        expect(second).to.deep.equal(first);
        expect(first.successful).to.equal(true);
    });

    it('waits with the status of a transaction nobody has submitted', async () => {
        const client = target.current.client();
        const submitted = await (await client.endorse('put', [freshKey(), 'x'])).submit();
        const { SignedCommitStatusRequest, CommitStatusRequest } = gatewayProtocol;
        const signed = SignedCommitStatusRequest.deserializeBinary(submitted.getBytes());
        const request = CommitStatusRequest.deserializeBinary(signed.getRequest_asU8());
        request.setTransactionId('00'.repeat(32));
        signed.setRequest(request.serializeBinary());
        const commitOfNothing = client.gateway.newCommit(signed.serializeBinary());
        const failure = await failureOf(commitOfNothing.getStatus({ deadline: Date.now() + 300 }));
        expect(failure.status).to.equal('DEADLINE_EXCEEDED');
    });

    it('runs fifty at a time, each valid on keys of its own', async () => {
        const client = target.current.client();
        const outcomes = await Promise.all(
            Array.from({ length: 50 }, () => client.submit('put', [freshKey(), 'x'])),
        );
        expect(new Set(outcomes.map(({ code }) => code))).to.deep.equal(new Set(['VALID']));
        expect(new Set(outcomes.map(({ txId }) => txId)).size).to.equal(50);
    });
});

describe('what a peer refuses', () => {
    const target = useTarget();
    const gateways: Gateway[] = [];
    afterEach(() => {
        for (const each of gateways.splice(0)) each.close();
    });

    /** The official client with an identity and a signer that need not belong together. */
    function impostor(mspId: string, certificate: string, privateKey: string): Gateway {
        const made = connect({
            client: target.current.client().connection,
            identity: { mspId, credentials: Buffer.from(certificate) },
            signer: nativeSigner(privateKey).sign,
            hash: hash.none,
        });
        gateways.push(made);
        return made;
    }

    function contractOf(gateway: Gateway) {
        const { channel } = target.current.client();
        return gateway.getNetwork(channel).getContract(target.current.lab);
    }

    it('a proposal signed by somebody else', async () => {
        const [first, second] = target.current.network.identities;
        const gateway = impostor(first!.mspId, first!.certificate, second!.privateKey);
        const failure = await failureOf(contractOf(gateway).evaluateTransaction('get', 'k'));
        expect(failure.status).to.equal('FAILED_PRECONDITION');
        expect(failure.text).to.match(/access denied|signature|creator/i);
        const endorse = await failureOf(contractOf(gateway).newProposal('get').endorse());
        expect(endorse.text).to.match(/access denied|signature|creator/i);
    });

    it('an identity under another organisation’s name', async function () {
        target.current.needs(this, 'two organisations');
        const [, other] = target.current.organizations;
        const first = target.current.network.identity();
        const gateway = impostor(other!, first.certificate, first.privateKey);
        const failure = await failureOf(contractOf(gateway).evaluateTransaction('get', 'k'));
        expect(failure.text).to.match(/access denied|creator/i);
    });

    it('an identity of an organisation that is not of the channel', async () => {
        const first = target.current.network.identity();
        const gateway = impostor('NobodyMSP', first.certificate, first.privateKey);
        const failure = await failureOf(contractOf(gateway).evaluateTransaction('get', 'k'));
        expect(failure.text).to.match(/access denied|creator|MSP/i);
    });

    it('a transaction whose id is not of its nonce and creator', async () => {
        const client = target.current.client();
        const proposal = client.contract.newProposal('put', { arguments: [freshKey(), 'x'] });
        const failure = await failureOf(
            resign(proposal.getBytes(), (header) => {
                header.setTxId('11'.repeat(32));
            }).endorse(),
        );
        expect(failure.text).to.match(/txid|transaction id/i);
    });

    it('a proposal made too long ago', async function () {
        target.current.needs(this, 'a check of clocks');
        const client = target.current.client();
        const proposal = client.contract.newProposal('put', { arguments: [freshKey(), 'x'] });
        const failure = await failureOf(
            resign(proposal.getBytes(), (header) => {
                const timestamp = header.getTimestamp()!;
                timestamp.setSeconds(timestamp.getSeconds() - 3600);
            }).endorse(),
        );
        expect(failure.text).to.match(/timestamp/i);
    });

    it('a transaction whose id the ledger has already', async () => {
        const client = target.current.client();
        const proposal = client.contract.newProposal('put', { arguments: [freshKey(), 'x'] });
        await commit(await proposal.endorse());
        const failure = await failureOf(proposal.endorse());
        expect(failure.text).to.match(/duplicate transaction/i);
    });

    /** The proposal with its channel header changed, signed again. */
    function resign(bytes: Uint8Array, change: (header: common.ChannelHeader) => void) {
        const { gateway } = target.current.client();
        const proposed = gatewayProtocol.ProposedTransaction.deserializeBinary(bytes);
        const signed = proposed.getProposal()!;
        const proposal = peer.Proposal.deserializeBinary(signed.getProposalBytes_asU8());
        const header = common.Header.deserializeBinary(proposal.getHeader_asU8());
        const channelHeader = common.ChannelHeader.deserializeBinary(
            header.getChannelHeader_asU8(),
        );
        change(channelHeader);
        header.setChannelHeader(channelHeader.serializeBinary());
        proposal.setHeader(header.serializeBinary());
        signed.setProposalBytes(proposal.serializeBinary());
        proposed.setTransactionId(channelHeader.getTxId());
        const { signSync } = nativeSigner(target.current.network.identity().privateKey);
        return gateway.newSignedProposal(
            proposed.serializeBinary(),
            signSync(proposal.serializeBinary()),
        );
    }

    it('an envelope whose signature is over something else', async () => {
        const client = target.current.client();
        const transaction = await client.endorse('put', [freshKey(), 'x']);
        const { signSync } = nativeSigner(target.current.network.identity().privateKey);
        const spoilt = client.gateway.newSignedTransaction(
            transaction.getBytes(),
            signSync(Buffer.from('something else')),
        );
        const failure = await failureOf(spoilt.submit());
        expect(failure.status).to.be.oneOf(['ABORTED', 'UNAVAILABLE']);
        expect(failure.text).to.match(/FORBIDDEN|policy|signature|permission/i);
    });

    it('an envelope without a signature', async () => {
        const client = target.current.client();
        const transaction = await client.endorse('put', [freshKey(), 'x']);
        const prepared = gatewayProtocol.PreparedTransaction.deserializeBinary(
            transaction.getBytes(),
        );
        const request = new gatewayProtocol.SubmitRequest();
        request.setTransactionId(transaction.getTransactionId());
        request.setChannelId(client.channel);
        request.setPreparedTransaction(prepared.getEnvelope());
        const answer = await callUnary(client.connection, '/gateway.Gateway/Submit', request);
        expect(answer.status).to.equal('INVALID_ARGUMENT');
        expect(answer.text).to.contain('signed');
    });
});

describe('signing away from the network', () => {
    const target = useTarget();

    it('works for every step: proposal, transaction and commit', async () => {
        const { current } = target;
        const online = current.client();
        const { mspId, certificate, privateKey } = current.network.identity();
        const { signSync } = nativeSigner(privateKey);
        const offline = connect({
            client: online.connection,
            identity: { mspId, credentials: Buffer.from(certificate) },
            hash: hash.none,
        });
        const key = freshKey();
        const unsigned = offline
            .getNetwork(online.channel)
            .getContract(current.lab)
            .newProposal('put', { arguments: [key, 'offline'] });
        const proposal = offline.newSignedProposal(
            unsigned.getBytes(),
            signSync(unsigned.getDigest()),
        );
        expect(proposal.getTransactionId()).to.equal(unsigned.getTransactionId());
        const endorsed = await proposal.endorse();
        const transaction = offline.newSignedTransaction(
            endorsed.getBytes(),
            signSync(endorsed.getDigest()),
        );
        const submitted = await transaction.submit();
        const status = await offline
            .newSignedCommit(submitted.getBytes(), signSync(submitted.getDigest()))
            .getStatus();
        expect(status.successful).to.equal(true);
        expect(await online.evaluate('get', key)).to.equal('offline');
        offline.close();
    });
});
