import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveProfile } from '@goodput/network';
import { decodeBlock, validationCodeName } from '@goodput/rwset';
import { common, peer } from '@hyperledger/fabric-protos';
import type {
    ProposalOptions,
    SubmittedTransaction,
    Transaction,
} from '@hyperledger/fabric-gateway';
import { expect } from 'chai';
import type { Client } from './support/client.js';
import { startDevnet, Target } from './support/target.js';

const FOLDER = join(
    __dirname,
    '..',
    '..',
    '..',
    'packages',
    'devnet',
    'fixtures',
    'fabric-2.5-blocks',
);
const FIRST = 4;
const LAST = 36;

// What the recording endorsed before the block before it was committed, and who endorsed alone.
const STALE = [8, 18];
const ORG1_ALONE = [32, 33, 35];

/** What travelled beside the proposals, so that the blocks hold hashes of it only. */
const PRIVATE_VALUES: Readonly<Record<string, string>> = {
    p1: 'secret1',
    p2: 'secret2',
    s1: 'gone soon',
    o1: 'own policy',
};

interface Recorded {
    readonly block: common.Block;
    readonly codes: readonly string[];
    readonly calls: readonly { readonly name: string; readonly args: readonly string[] }[];
    readonly title: string;
}

function recorded(number: number): Recorded {
    const file = `block_${String(number).padStart(4, '0')}.block`;
    const bytes = readFileSync(join(FOLDER, file));
    const { transactions } = decodeBlock(bytes);
    const calls = transactions.map(({ functionName, args }) => ({
        name: functionName,
        args: args.map((each) => Buffer.from(each).toString()),
    }));
    return {
        block: common.Block.deserializeBinary(bytes),
        codes: transactions.map(({ code }) => validationCodeName(code)),
        calls,
        title: calls.map(({ name, args }) => `${name}(${args.join(' ')})`).join(', '),
    };
}

/** Everything a block says about what its transactions did: results, responses and events. */
function effects(block: common.Block): unknown[] {
    return (block.getData()?.getDataList_asU8() ?? []).map((bytes) => {
        const envelope = common.Envelope.deserializeBinary(bytes);
        const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
        const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
        const action = peer.ChaincodeActionPayload.deserializeBinary(
            transaction.getActionsList()[0]!.getPayload_asU8(),
        ).getAction()!;
        const response = peer.ProposalResponsePayload.deserializeBinary(
            action.getProposalResponsePayload_asU8(),
        );
        const called = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
        const event = peer.ChaincodeEvent.deserializeBinary(called.getEvents_asU8());
        return {
            readWriteSet: Buffer.from(called.getResults_asU8()).toString('hex'),
            response: called.getResponse()?.toObject(),
            chaincode: called.getChaincodeId()?.toObject(),
            event: { ...event.toObject(), txId: '' },
            endorsedBy: action.getEndorsementsList().length,
        };
    });
}

describe('the scenarios recorded on a real network, replayed', () => {
    let target: Target;
    let client: Client;
    const endorsedEarly = new Map<number, Promise<Transaction[]>>();

    before(async function () {
        this.timeout(120_000);
        if (process.env['GOODPUT_NETWORK']) {
            // A profile names a network that has a past; the versions in read sets would be others.
            this.test!.parent!.title += ' (skipped: they need a network without a past)';
            this.skip();
        }
        const devnet = await startDevnet({
            channels: ['mychannel'],
            block: { timeoutMs: 'manual' },
        });
        target = new Target(resolveProfile(devnet.profile), devnet);
        const { name } = target.user('Org1MSP');
        client = target.client({ identity: name });
    });
    after(async () => {
        await (target as Target | undefined)?.close();
    });

    function endorse(number: number): Promise<Transaction[]> {
        const { calls } = recorded(number);
        return Promise.all(
            calls.map(({ name, args }) => {
                const secret = name === 'putPrivate' ? PRIVATE_VALUES[args[1] ?? ''] : undefined;
                const options: ProposalOptions = {
                    ...(secret !== undefined && { transientData: { value: secret } }),
                    ...(ORG1_ALONE.includes(number) && { endorsingOrganizations: ['Org1MSP'] }),
                };
                return client.endorse(name, [...args], options);
            }),
        );
    }

    async function submitTogether(transactions: readonly Transaction[]): Promise<void> {
        const submitted: SubmittedTransaction[] = [];
        for (const transaction of transactions) submitted.push(await transaction.submit());
        await target.devnet!.cutBlock();
        for (const each of submitted) await each.getStatus();
    }

    for (let number = FIRST; number <= LAST; number++) {
        const { codes, title, block } = recorded(number);
        it(`block ${number}: ${title}`, async () => {
            if (STALE.includes(number + 1)) endorsedEarly.set(number + 1, endorse(number + 1));
            const early = await endorsedEarly.get(number + 1);
            expect(early === undefined).to.equal(!STALE.includes(number + 1));
            let transactions = await (endorsedEarly.get(number) ?? endorse(number));
            // The last recorded scenario is one envelope ordered twice.
            if (codes.includes('DUPLICATE_TXID')) {
                const [first] = transactions;
                transactions = [first!, first!];
            }
            await submitTogether(transactions);
            const { ledger } = target.devnet!.channel();
            expect(ledger.height).to.equal(number + 1);
            const made = ledger.blockByNumber(number)!;
            const verdicts = decodeBlock(made.serializeBinary()).transactions;
            expect(verdicts.map(({ code }) => validationCodeName(code))).to.deep.equal(codes);
            expect(effects(made)).to.deep.equal(effects(block));
        });
    }
});
