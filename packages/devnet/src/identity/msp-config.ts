import { msp } from '@hyperledger/fabric-protos';
import { boundProtocolReader } from '../grpc/bounded-reader.js';
import type { NodeRole } from './certificate-authority.js';

/** An organisational unit that tells apart a role, and the authority that must have certified it. */
export interface NodeOu {
    readonly unit: string;
    /** PEM of the certifying authority; any of the MSP's when left out. */
    readonly certifier?: string;
}

/** What makes up an organisation's membership service provider. */
export interface MspOptions {
    readonly mspId: string;
    /** PEM. At least one. */
    readonly rootCertificates: readonly string[];
    /** PEM. */
    readonly intermediateCertificates?: readonly string[];
    /** PEM of identities that are admins whatever their organisational unit. */
    readonly admins?: readonly string[];
    /** PEM or DER of certificate revocation lists. */
    readonly revocationLists?: readonly Uint8Array[];
    /** PEM. Not used for identities; part of the configuration others read. */
    readonly tlsRootCertificates?: readonly string[];
    /** How roles are told apart; `false` for an MSP without node OUs. Units named as the roles by default. */
    readonly nodeOus?: Partial<Readonly<Record<NodeRole, NodeOu>>> | false;
}

/** Node OUs as Fabric's own tools name them. */
export const DEFAULT_NODE_OUS: Readonly<Record<NodeRole, NodeOu>> = {
    client: { unit: 'client' },
    peer: { unit: 'peer' },
    admin: { unit: 'admin' },
    orderer: { unit: 'orderer' },
};

function identifierOf(ou: NodeOu): msp.FabricOUIdentifier {
    const identifier = new msp.FabricOUIdentifier();
    identifier.setOrganizationalUnitIdentifier(ou.unit);
    if (ou.certifier !== undefined) identifier.setCertificate(Buffer.from(ou.certifier));
    return identifier;
}

/** The `msp.MSPConfig` a channel's configuration holds for an organisation. */
export function encodeMspConfig(options: MspOptions): Uint8Array {
    const pem = (texts: readonly string[] = []): Uint8Array[] =>
        texts.map((text) => Buffer.from(text));
    const crypto = new msp.FabricCryptoConfig();
    crypto.setSignatureHashFamily('SHA2');
    crypto.setIdentityIdentifierHashFunction('SHA256');
    const config = new msp.FabricMSPConfig();
    config.setName(options.mspId);
    config.setRootCertsList(pem(options.rootCertificates));
    config.setIntermediateCertsList(pem(options.intermediateCertificates));
    config.setAdminsList(pem(options.admins));
    config.setRevocationListList([...(options.revocationLists ?? [])]);
    config.setTlsRootCertsList(pem(options.tlsRootCertificates));
    config.setCryptoConfig(crypto);
    const { nodeOus = DEFAULT_NODE_OUS } = options;
    if (nodeOus !== false) {
        const ous = new msp.FabricNodeOUs();
        ous.setEnable(true);
        if (nodeOus.client) ous.setClientOuIdentifier(identifierOf(nodeOus.client));
        if (nodeOus.peer) ous.setPeerOuIdentifier(identifierOf(nodeOus.peer));
        if (nodeOus.admin) ous.setAdminOuIdentifier(identifierOf(nodeOus.admin));
        if (nodeOus.orderer) ous.setOrdererOuIdentifier(identifierOf(nodeOus.orderer));
        config.setFabricNodeOus(ous);
    }
    const outer = new msp.MSPConfig();
    outer.setConfig(config.serializeBinary());
    return outer.serializeBinary();
}

function nodeOuOf(identifier: msp.FabricOUIdentifier | undefined): NodeOu | undefined {
    if (identifier === undefined) return undefined;
    const certifier = Buffer.from(identifier.getCertificate_asU8()).toString();
    const unit = identifier.getOrganizationalUnitIdentifier();
    return certifier === '' ? { unit } : { unit, certifier };
}

function nodeOusOf(ous: msp.FabricNodeOUs | undefined): NonNullable<MspOptions['nodeOus']> {
    if (!ous?.getEnable()) return false;
    const client = nodeOuOf(ous.getClientOuIdentifier());
    const peer = nodeOuOf(ous.getPeerOuIdentifier());
    const admin = nodeOuOf(ous.getAdminOuIdentifier());
    const orderer = nodeOuOf(ous.getOrdererOuIdentifier());
    const found = {
        ...(client && { client }),
        ...(peer && { peer }),
        ...(admin && { admin }),
        ...(orderer && { orderer }),
    };
    return Object.keys(found).length === 0 ? false : found;
}

/** Reads an `msp.MSPConfig` as it stands in a channel's configuration. */
export function decodeMspConfig(bytes: Uint8Array): MspOptions {
    boundProtocolReader();
    const outer = msp.MSPConfig.deserializeBinary(bytes);
    const config = msp.FabricMSPConfig.deserializeBinary(outer.getConfig_asU8());
    const text = (list: readonly Uint8Array[]): string[] =>
        list.map((pem) => Buffer.from(pem).toString());
    return {
        mspId: config.getName(),
        rootCertificates: text(config.getRootCertsList_asU8()),
        intermediateCertificates: text(config.getIntermediateCertsList_asU8()),
        admins: text(config.getAdminsList_asU8()),
        revocationLists: config.getRevocationListList_asU8(),
        tlsRootCertificates: text(config.getTlsRootCertsList_asU8()),
        nodeOus: nodeOusOf(config.getFabricNodeOus()),
    };
}
