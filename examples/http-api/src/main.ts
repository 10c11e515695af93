// An HTTP API in front of Fabric. Requests that come in together leave in one transaction; each gets its own
// answer, and a full queue answers 503 with a time to come back.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
    ContractError,
    GoodputContract,
    withBatching,
    type GoodputContext,
} from '@goodput/chaincode';
import { startNetwork } from '@goodput/devnet';
import { connect, isGatewayError, type Contract } from '@goodput/gateway';

class Stock extends withBatching(GoodputContract) {
    async take(ctx: GoodputContext, item: string): Promise<number> {
        const left = Number((await ctx.stub.getState(item)).toString() || '100') - 1;
        if (left < 0) throw new ContractError('OUT_OF_STOCK', `no ${item} left`);
        await ctx.stub.putState(item, Buffer.from(String(left)));
        return left;
    }
}

function statusOf(error: unknown): number {
    if (!isGatewayError(error)) return 500;
    if (error.code === 'GATEWAY_CONTRACT_REJECTED') return 409;
    return error.retryable ? 503 : 502;
}

async function handle(
    stock: Contract,
    request: IncomingMessage,
    response: ServerResponse,
): Promise<void> {
    const item = /^\/stock\/([a-z]+)\/take$/.exec(request.url ?? '')?.[1];
    if (request.method !== 'POST' || item === undefined) {
        response.writeHead(404).end();
        return;
    }
    try {
        const receipt = await stock.submit('take', [item]);
        response.end(JSON.stringify({ left: receipt.json(), transaction: receipt.transactionId }));
    } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        const seconds = isGatewayError(error) ? Math.ceil((error.retryAfterMs ?? 0) / 1000) : 0;
        response.writeHead(statusOf(error), seconds > 0 ? { 'retry-after': String(seconds) } : {});
        response.end(JSON.stringify({ code, message }));
    }
}

async function main(): Promise<void> {
    const network = await startNetwork({ block: { timeoutMs: 100 } });
    await network.deploy({ name: 'stock', contracts: [Stock] });
    const client = await connect(network.profile);
    const stock = client.contract('stock');

    const server = createServer((request, response) => void handle(stock, request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;

    // A hundred and fifty people want one of the hundred masks.
    const take = (): Promise<Response> =>
        fetch(`http://127.0.0.1:${port}/stock/masks/take`, { method: 'POST' });
    const answers = await Promise.all(Array.from({ length: 150 }, take));
    console.log(answers.filter(({ status }) => status === 200).length); // => 100
    console.log(answers.filter(({ status }) => status === 409).length); // => 50

    server.closeAllConnections();
    server.close();
    await client.close();
    await network.stop();
}

void main();
