import { readFileSync } from 'node:fs';
import { Shim, type ChaincodeInterface } from 'fabric-shim';

async function run(stub: Parameters<ChaincodeInterface['Invoke']>[0]): Promise<Uint8Array> {
    const { fcn, params } = stub.getFunctionAndParameters();
    const [key = '', value = ''] = params;
    switch (fcn) {
        case 'put':
            await stub.putState(key, Buffer.from(value));
            return Buffer.from('');
        case 'get':
            return stub.getState(key);
        case 'hang':
            return new Promise(() => undefined);
        case 'crash':
            process.exit(3);
            break;
        case 'process':
            return Buffer.from(String(process.pid));
    }
    throw new Error(`no function ${fcn}`);
}

/** A chaincode in the old style, in a process of its own: as a service, or registering with a peer. */
const chaincode: ChaincodeInterface = {
    Init: () => Promise.resolve(Shim.success()),
    Invoke: async (stub) => {
        try {
            return Shim.success(Buffer.from(await run(stub)));
        } catch (error) {
            return Shim.error((error as Error).message);
        }
    },
};

const { CHAINCODE_SERVER_ADDRESS: address, CHAINCODE_ID: ccid = '' } = process.env;
const { CHAINCODE_TLS_KEY: key, CHAINCODE_TLS_CERT: cert } = process.env;

if (process.argv.includes('--peer.address')) {
    Shim.start(chaincode);
} else {
    const tls = key !== undefined &&
        cert !== undefined && { tlsProps: { key: readFileSync(key), cert: readFileSync(cert) } };
    const options = { ccid, address, ...tls } as Parameters<typeof Shim.server>[1];
    void Shim.server(chaincode, options)
        .start()
        .then(() => {
            process.stdout.write('listening\n');
        });
}
