import { createHash } from 'node:crypto';
import { common, peer } from '@hyperledger/fabric-protos';
import { checkpointers, type ChaincodeEvent } from '@hyperledger/fabric-gateway';
import { decodeBlock } from '@goodput/rwset';
import { expect } from 'chai';
import { commit, freshKey, type Client } from './support/client.js';
import { failureOf } from './support/failure.js';
import { useTarget } from './support/target.js';

/** The first `count` of what a stream gives; the stream is closed then. */
async function take<T>(
    count: number,
    stream: AsyncIterable<T> & { close(): void },
    wanted: (item: T) => boolean = () => true,
): Promise<T[]> {
    const taken: T[] = [];
    try {
        for await (const item of stream) {
            if (wanted(item)) taken.push(item);
            if (taken.length === count) break;
        }
    } finally {
        stream.close();
    }
    return taken;
}

describe('chaincode events', () => {
    const target = useTarget();
    let client: Client;
    before(() => {
        client = target.current.client();
    });

    const network = () => client.gateway.getNetwork(client.channel);
    const events = (options: Parameters<ReturnType<typeof network>['getChaincodeEvents']>[1]) =>
        network().getChaincodeEvents(target.current.lab, options);

    it('tell name, payload, transaction and block', async () => {
        const name = freshKey('event');
        const { txId, block } = await client.must('setEvent', name, 'payload');
        const [event] = await take(1, await events({ startBlock: BigInt(block) }));
        expect(event).to.include({
            eventName: name,
            transactionId: txId,
            blockNumber: BigInt(block),
            chaincodeName: target.current.lab,
        });
        expect(Buffer.from(event!.payload).toString()).to.equal('payload');
    });

    it('come while they happen', async () => {
        const stream = await events({});
        const name = freshKey('event');
        const taken = take(1, stream, ({ eventName }: ChaincodeEvent) => eventName === name);
        await client.must('setEvent', name, 'now');
        expect((await taken)[0]?.eventName).to.equal(name);
    });

    it('come in the order of the blocks, each once', async () => {
        const names = [freshKey('event'), freshKey('event'), freshKey('event')];
        const { block } = await client.must('setEvent', names[0]!, '1');
        await client.must('setEvent', names[1]!, '2');
        await client.must('setEvent', names[2]!, '3');
        const taken = await take(3, await events({ startBlock: BigInt(block) }), ({ eventName }) =>
            names.includes(eventName),
        );
        expect(taken.map(({ eventName }) => eventName)).to.deep.equal(names);
    });

    it('are only the last one that a transaction set', async () => {
        const [first, second] = [freshKey('event'), freshKey('event')];
        const { block } = await client.must('setEvents', freshKey(), first, second);
        const [event] = await take(1, await events({ startBlock: BigInt(block) }));
        expect(event?.eventName).to.equal(second);
    });

    it('are not sent of a transaction that is not valid', async () => {
        const [failing, good] = [freshKey('event'), freshKey('event')];
        const key = `ev~${failing}`;
        const stale = await client.endorse('inc', [key]);
        await client.must('put', key, '0');
        const { code, block } = await commit(stale);
        expect(code).to.equal('MVCC_READ_CONFLICT');
        await client.must('setEvent', good, 'x');
        const [event] = await take(1, await events({ startBlock: BigInt(block) }));
        expect(event?.eventName).to.equal(good);
    });

    it('go on after a transaction, leaving out what came before it', async () => {
        const [first, second] = [freshKey('event'), freshKey('event')];
        const before = await client.must('setEvent', first, '1');
        await client.must('setEvent', second, '2');
        const checkpoint = checkpointers.inMemory();
        await checkpoint.checkpointTransaction(BigInt(before.block), before.txId);
        const [event] = await take(1, await events({ checkpoint }));
        expect(event?.eventName).to.equal(second);
    });

    it('are of one chaincode only', async () => {
        const name = freshKey('event');
        const { block } = await client.must('setEvent', name, 'x');
        const others = await network().getChaincodeEvents('noSuchChaincode', {
            startBlock: BigInt(block),
        });
        let got = false;
        const waiting = take(1, others).then((items) => {
            got = items.length > 0;
        });
        // One more block passes by the stream of the other chaincode.
        await client.must('setEvent', freshKey('event'), 'x');
        others.close();
        await waiting.catch(() => undefined);
        expect(got).to.equal(false);
    });

    it('are refused for a channel that is not there', async () => {
        const stream = await client.gateway
            .getNetwork('nosuchchannel')
            .getChaincodeEvents(target.current.lab);
        const failure = await failureOf(take(1, stream));
        expect(failure.status).to.be.oneOf(['NOT_FOUND', 'PERMISSION_DENIED', 'UNAVAILABLE']);
    });
});

describe('block events', () => {
    const target = useTarget();
    let client: Client;
    before(() => {
        client = target.current.client();
    });

    const network = () => client.gateway.getNetwork(client.channel);

    function headerHash(header: common.BlockHeader): string {
        const number = BigInt(header.getNumber());
        let digits = number.toString(16);
        if (digits.length % 2 === 1) digits = `0${digits}`;
        if (parseInt(digits.slice(0, 2), 16) >= 0x80) digits = `00${digits}`;
        const parts = [
            [0x02, Buffer.from(digits, 'hex')],
            [0x04, Buffer.from(header.getPreviousHash_asU8())],
            [0x04, Buffer.from(header.getDataHash_asU8())],
        ] as const;
        const inner = Buffer.concat(
            parts.flatMap(([tag, bytes]) => [Buffer.of(tag, bytes.length), bytes]),
        );
        return createHash('sha256')
            .update(Buffer.concat([Buffer.of(0x30, inner.length), inner]))
            .digest('hex');
    }

    it('give every block from the first one on, without a gap', async () => {
        const { block } = await client.must('put', freshKey(), 'x');
        const blocks = await take(block + 1, await network().getBlockEvents({ startBlock: 0n }));
        const numbers = blocks.map((each) => each.getHeader()?.getNumber());
        expect(numbers).to.deep.equal(numbers.map((_, index) => index));
    });

    it('are a chain: each block has the hash of the header before it', async () => {
        const { block } = await client.must('put', freshKey(), 'x');
        const blocks = await take(block + 1, await network().getBlockEvents({ startBlock: 0n }));
        blocks.forEach((each, index) => {
            const header = each.getHeader()!;
            const previous = Buffer.from(header.getPreviousHash_asU8()).toString('hex');
            expect(previous).to.equal(
                index === 0 ? '' : headerHash(blocks[index - 1]!.getHeader()!),
            );
        });
    });

    it('have the hash of their transactions', async () => {
        const { block } = await client.must('put', freshKey(), 'x');
        const stream = await network().getBlockEvents({ startBlock: BigInt(block) });
        const [event] = await take(1, stream);
        const hash = createHash('sha256');
        for (const bytes of event!.getData()!.getDataList_asU8()) hash.update(bytes);
        const found = Buffer.from(event!.getHeader()!.getDataHash_asU8()).toString('hex');
        expect(found).to.equal(hash.digest('hex'));
    });

    it('have a verdict on every transaction, and a commit hash', async () => {
        const { block } = await client.must('put', freshKey(), 'x');
        const stream = await network().getBlockEvents({ startBlock: BigInt(block) });
        const [event] = await take(1, stream);
        const metadata = event!.getMetadata()!.getMetadataList_asU8();
        const verdicts = metadata[common.BlockMetadataIndex.TRANSACTIONS_FILTER]!;
        expect(verdicts).to.have.length(event!.getData()!.getDataList().length);
        const link = common.Metadata.deserializeBinary(
            metadata[common.BlockMetadataIndex.COMMIT_HASH]!,
        );
        expect(link.getValue_asU8()).to.have.length(32);
        const signatures = common.Metadata.deserializeBinary(
            metadata[common.BlockMetadataIndex.SIGNATURES]!,
        );
        expect(signatures.getSignaturesList().length).to.be.greaterThan(0);
    });

    it('have the transaction as it was submitted', async () => {
        const key = freshKey();
        const { block, txId } = await client.must('put', key, 'value');
        const stream = await network().getBlockEvents({ startBlock: BigInt(block) });
        const [event] = await take(1, stream);
        const found = decodeBlock(event!.serializeBinary()).transactions.find(
            (each) => each.txId === txId,
        );
        expect(found?.channelId).to.equal(client.channel);
        expect(found?.functionName).to.equal('put');
        expect(found?.args.map((each) => Buffer.from(each).toString())).to.deep.equal([
            key,
            'value',
        ]);
        expect(found?.creatorMspId).to.equal(target.current.network.identity().mspId);
    });

    it('begin with the first block’s configuration of the channel', async () => {
        const [first] = await take(1, await network().getBlockEvents({ startBlock: 0n }));
        const envelope = common.Envelope.deserializeBinary(
            first!.getData()!.getDataList_asU8()[0]!,
        );
        const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
        const header = common.ChannelHeader.deserializeBinary(
            payload.getHeader()!.getChannelHeader_asU8(),
        );
        expect(header.getType()).to.equal(common.HeaderType.CONFIG);
        const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8());
        const groups = config.getConfig()!.getChannelGroup()!.getGroupsMap();
        const members: string[] = [];
        groups
            .get('Application')!
            .getGroupsMap()
            .forEach((_, name) => {
                members.push(name);
            });
        expect(members).to.have.length.greaterThan(0);
    });

    it('come while blocks are made', async () => {
        const stream = await network().getBlockEvents();
        const key = freshKey();
        const taken = take(1, stream, (block) =>
            decodeBlock(block.serializeBinary()).transactions.some((each) =>
                each.args.some((arg) => Buffer.from(arg).toString() === key),
            ),
        );
        await client.must('put', key, 'x');
        expect(await taken).to.have.length(1);
    });

    it('go on after a checkpoint', async () => {
        const { block } = await client.must('put', freshKey(), 'x');
        await client.must('put', freshKey(), 'x');
        const checkpoint = checkpointers.inMemory();
        await checkpoint.checkpointBlock(BigInt(block));
        const [event] = await take(1, await network().getBlockEvents({ checkpoint }));
        expect(event!.getHeader()!.getNumber()).to.equal(block + 1);
    });

    it('wait for the next block', async () => {
        const { block } = await client.must('put', freshKey(), 'x');
        const stream = await network().getBlockEvents({ startBlock: BigInt(block + 1) });
        const taken = take(1, stream);
        await client.must('put', freshKey(), 'x');
        expect((await taken)[0]!.getHeader()!.getNumber()).to.equal(block + 1);
    });

    it('do not wait for a block far ahead', async () => {
        const stream = await network().getBlockEvents({ startBlock: 1_000_000_000n });
        let refusal = '';
        try {
            await take(1, stream);
        } catch (error) {
            refusal = (error as Error).message;
        }
        expect(refusal).to.contain(String(common.Status.NOT_FOUND));
    });

    it('are given to several at a time', async () => {
        const { block } = await client.must('put', freshKey(), 'x');
        const streams = await Promise.all(
            [1, 2, 3].map(() => network().getBlockEvents({ startBlock: BigInt(block) })),
        );
        const taken = await Promise.all(streams.map((stream) => take(1, stream)));
        const bytes = taken.map(([each]) => Buffer.from(each!.serializeBinary()).toString('hex'));
        expect(new Set(bytes).size).to.equal(1);
    });

    it('are refused for a channel that is not there', async () => {
        const stream = await client.gateway.getNetwork('nosuchchannel').getBlockEvents();
        let failed = false;
        try {
            await take(1, stream);
        } catch {
            failed = true;
        }
        expect(failed).to.equal(true);
    });

    it('can be filtered: ids, kinds and verdicts, and no payloads of events', async () => {
        const name = freshKey('event');
        const { block, txId } = await client.must('setEvent', name, 'payload');
        const stream = await network().getFilteredBlockEvents({ startBlock: BigInt(block) });
        const [filtered] = await take(1, stream);
        expect(filtered!.getChannelId()).to.equal(client.channel);
        expect(filtered!.getNumber()).to.equal(block);
        const transaction = filtered!
            .getFilteredTransactionsList()
            .find((each) => each.getTxid() === txId)!;
        expect(transaction.getTxValidationCode()).to.equal(peer.TxValidationCode.VALID);
        expect(transaction.getType()).to.equal(common.HeaderType.ENDORSER_TRANSACTION);
        const [action] = transaction.getTransactionActions()!.getChaincodeActionsList();
        expect(action!.getChaincodeEvent()!.getEventName()).to.equal(name);
        expect(action!.getChaincodeEvent()!.getPayload_asU8()).to.have.length(0);
    });

    it('tell of a transaction that was not valid, too', async () => {
        const key = freshKey();
        const stale = await client.endorse('inc', [key]);
        await client.must('inc', key);
        const { txId, block } = await commit(stale);
        const stream = await network().getFilteredBlockEvents({ startBlock: BigInt(block) });
        const [filtered] = await take(1, stream);
        const transaction = filtered!
            .getFilteredTransactionsList()
            .find((each) => each.getTxid() === txId)!;
        expect(transaction.getTxValidationCode()).to.equal(
            peer.TxValidationCode.MVCC_READ_CONFLICT,
        );
    });
});
