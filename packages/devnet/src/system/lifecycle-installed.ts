import { peer } from '@hyperledger/fabric-protos';
import { decode } from '../grpc/decode.js';
import { approvalCollection, approvalIn } from './lifecycle-state.js';
import type { SystemCall } from './system-chaincode.js';

const { lifecycle: lb } = peer;

/** An operation on what a peer has, from its serialized argument to its result. */
export type PeerOperation = (argument: Uint8Array, call: SystemCall) => Promise<Uint8Array>;

/** The channels, and the chaincodes on each, that run what was approved as one package. */
type References = Map<string, [name: string, version: string][]>;

/**
 * What runs on the peer, by package: a chaincode that the peer can run goes by the id its organisation
 * approved it with, on each channel where it is defined.
 */
async function installed(call: SystemCall): Promise<ReadonlyMap<string, References>> {
    const packages = new Map<string, References>();
    const collection = approvalCollection(call.peerMspId);
    for (const { id, definitions, ledger } of call.channels.values()) {
        const simulation = await ledger.simulate(call.proposal.txId, { readOnly: true });
        try {
            for (const { name, version, sequence } of definitions.all()) {
                if (!call.isInstalled(id, name)) continue;
                const approval = await approvalIn(name, sequence, collection, simulation);
                if (approval === undefined || approval.packageId === '') continue;
                const references: References =
                    packages.get(approval.packageId) ?? new Map<string, [string, string][]>();
                packages.set(approval.packageId, references);
                references.set(id, [...(references.get(id) ?? []), [name, version]]);
            }
        } finally {
            simulation.done();
        }
    }
    return packages;
}

/** A package's id is its label and the hash of its content. */
function labelOf(packageId: string): string {
    const colon = packageId.lastIndexOf(':');
    return colon < 0 ? packageId : packageId.slice(0, colon);
}

interface ChaincodeMessage {
    setName(name: string): void;
    setVersion(version: string): void;
}

/** The two answers that list references have messages of the same form, each its own. */
function listReferences<C extends ChaincodeMessage, R extends { addChaincodes(value: C): unknown }>(
    references: References,
    messages: { readonly References: new () => R; readonly Chaincode: new () => C },
    into: { set(channel: string, listed: R): unknown },
): void {
    for (const [channel, chaincodes] of references) {
        const listed = new messages.References();
        for (const [name, version] of chaincodes) {
            const chaincode = new messages.Chaincode();
            chaincode.setName(name);
            chaincode.setVersion(version);
            listed.addChaincodes(chaincode);
        }
        into.set(channel, listed);
    }
}

async function queryInstalled(_argument: Uint8Array, call: SystemCall): Promise<Uint8Array> {
    const result = new lb.QueryInstalledChaincodesResult();
    for (const [packageId, references] of await installed(call)) {
        const entry = new lb.QueryInstalledChaincodesResult.InstalledChaincode();
        entry.setPackageId(packageId);
        entry.setLabel(labelOf(packageId));
        listReferences(references, lb.QueryInstalledChaincodesResult, entry.getReferencesMap());
        result.addInstalledChaincodes(entry);
    }
    return result.serializeBinary();
}

async function queryOneInstalled(argument: Uint8Array, call: SystemCall): Promise<Uint8Array> {
    const packageId = decode(
        lb.QueryInstalledChaincodeArgs,
        argument,
        'QueryInstalledChaincodeArgs',
    ).getPackageId();
    const references = (await installed(call)).get(packageId);
    if (references === undefined) {
        throw new Error(`could not find chaincode with package id '${packageId}'`);
    }
    const result = new lb.QueryInstalledChaincodeResult();
    result.setPackageId(packageId);
    result.setLabel(labelOf(packageId));
    listReferences(references, lb.QueryInstalledChaincodeResult, result.getReferencesMap());
    return result.serializeBinary();
}

const NO_PACKAGES =
    'an embedded network runs chaincodes without installing packages: deploy it with network.deploy(), or name its folder to "goodput up"';

function refuseInstall(): Promise<Uint8Array> {
    return Promise.reject(new Error(NO_PACKAGES));
}

function getPackage(argument: Uint8Array): Promise<Uint8Array> {
    const packageId = decode(
        lb.GetInstalledChaincodePackageArgs,
        argument,
        'GetInstalledChaincodePackageArgs',
    ).getPackageId();
    return Promise.reject(
        new Error(
            `could not load cc install package: chaincode install package '${packageId}' not found: ${NO_PACKAGES}`,
        ),
    );
}

/** What a peer's administrators ask of it, or have it do, whatever the channel. */
export const peerOperations: Readonly<Record<string, PeerOperation>> = {
    InstallChaincode: refuseInstall,
    QueryInstalledChaincode: queryOneInstalled,
    QueryInstalledChaincodes: queryInstalled,
    GetInstalledChaincodePackage: getPackage,
};
