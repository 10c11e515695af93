import { X509Certificate } from 'node:crypto';
import { msp } from '@hyperledger/fabric-protos';
import { DevnetError } from '../errors.js';
import { boundProtocolReader } from '../grpc/bounded-reader.js';
import type { NodeRole } from './certificate-authority.js';
import { sanitizedCertificate } from './certificate.js';
import { CertificationTree, chainIdentifier } from './certificate-chain.js';
import { newMember, type Member, type MemberRole } from './member.js';
import {
    decodeMspConfig,
    DEFAULT_NODE_OUS,
    encodeMspConfig,
    type MspOptions,
} from './msp-config.js';
import { RevocationList } from './revocation-list.js';

// Enough for every identity a test network meets.
const REMEMBERED_IDENTITIES = 2_000;

interface RoleUnit {
    readonly role: NodeRole;
    readonly unit: string;
    readonly certifiers?: Buffer;
}

function invalid(message: string): never {
    throw new DevnetError('DEVNET_IDENTITY_INVALID', message);
}

function authority(pem: string, mspId: string): X509Certificate {
    try {
        const certificate = new X509Certificate(pem);
        if (certificate.ca) return certificate;
    } catch (cause) {
        throw new DevnetError(
            'DEVNET_MSP_INVALID',
            `A certificate of the authorities of ${mspId} cannot be read: ${(cause as Error).message}. Give it as PEM.`,
            { cause },
        );
    }
    throw new DevnetError(
        'DEVNET_MSP_INVALID',
        `CA Certificate did not have the CA attribute. Only authorities belong into the root and intermediate certificates of ${mspId}.`,
    );
}

function keyTypeOf(certificate: X509Certificate): string {
    try {
        return certificate.publicKey.asymmetricKeyType ?? 'unknown';
    } catch (error) {
        // A certificate is read as a whole at first; its key only when somebody asks for it.
        return invalid(`parseCertificate failed: ${(error as Error).message}`);
    }
}

function unitsOf(certificate: X509Certificate): readonly string[] {
    const units: unknown = certificate.toLegacyObject().subject.OU;
    if (units === undefined) return [];
    return Array.isArray(units) ? (units as string[]) : [units as string];
}

/**
 * An organisation's membership service provider: says whether an identity is a member, and what kind
 * of member, with the rules and the wording of a peer.
 *
 * @example
 * ```ts
 * const org1 = new Msp({ mspId: 'Org1MSP', rootCertificates: [ca.rootCertificate] });
 * const member = org1.validate(signatureHeader.getCreator_asU8());
 * if (!member.verify(message, signature)) throw new Error('not theirs');
 * ```
 */
export class Msp {
    readonly mspId: string;
    readonly #options: MspOptions;
    readonly #tree: CertificationTree;
    readonly #admins: ReadonlySet<string>;
    readonly #roleUnits: readonly RoleUnit[];
    readonly #revocations: readonly RevocationList[];
    readonly #known = new Map<string, Member | DevnetError>();

    constructor(options: MspOptions) {
        boundProtocolReader();
        const { mspId } = options;
        this.mspId = mspId;
        this.#options = options;
        const roots = options.rootCertificates.map((pem) => authority(pem, mspId));
        if (roots.length === 0) {
            throw new DevnetError(
                'DEVNET_MSP_INVALID',
                `${mspId} has no root certificate: expected at least one CA certificate.`,
            );
        }
        const intermediates = options.intermediateCertificates ?? [];
        this.#tree = new CertificationTree(
            roots,
            intermediates.map((pem) => authority(pem, mspId)),
        );
        const admins = (options.admins ?? []).map((pem) => new X509Certificate(pem));
        this.#admins = new Set(admins.map((admin) => sanitizedCertificate(admin).toString('hex')));
        this.#roleUnits = this.#readNodeOus(options.nodeOus);
        this.#revocations = (options.revocationLists ?? []).map((list) => new RevocationList(list));
    }

    /** An MSP from the `msp.MSPConfig` that a channel's configuration holds. */
    static fromConfig(bytes: Uint8Array): Msp {
        return new Msp(decodeMspConfig(bytes));
    }

    /** The `msp.MSPConfig` of this MSP, as it goes into a channel's configuration. */
    toConfig(): Uint8Array {
        return encodeMspConfig(this.#options);
    }

    #readNodeOus(nodeOus: MspOptions['nodeOus'] = DEFAULT_NODE_OUS): readonly RoleUnit[] {
        if (nodeOus === false) return [];
        return Object.entries(nodeOus).map(([role, { unit, certifier }]) => {
            const base = { role: role as NodeRole, unit };
            if (certifier === undefined) return base;
            const certificate = authority(certifier, this.mspId);
            const [chain] = this.#tree.chains(certificate);
            if (chain === undefined) {
                throw new DevnetError(
                    'DEVNET_MSP_INVALID',
                    `The certifier of the node OU ${unit} is not an authority of ${this.mspId}.`,
                );
            }
            // A root's chain names it twice: once as the certificate, once as its own issuer.
            const isRoot = chain[1]?.fingerprint256 === certificate.fingerprint256;
            return { ...base, certifiers: chainIdentifier(isRoot ? chain.slice(1) : chain) };
        });
    }

    /**
     * The member a `msp.SerializedIdentity` stands for. Throws `DEVNET_IDENTITY_INVALID` with a
     * peer's wording if it is none of this organisation.
     *
     * As in a peer, the certificate's end is not looked at here: see {@link Member.notAfter}.
     */
    validate(serialized: Uint8Array): Member {
        const key = Buffer.from(
            serialized.buffer,
            serialized.byteOffset,
            serialized.length,
        ).toString('latin1');
        let known = this.#known.get(key);
        if (known === undefined) {
            known = this.#judge(serialized);
            // Emptied as a whole: taking out the oldest one by one is slow in a Map.
            if (this.#known.size >= REMEMBERED_IDENTITIES) this.#known.clear();
            this.#known.set(key, known);
        }
        if (known instanceof DevnetError) throw known;
        return known;
    }

    #judge(serialized: Uint8Array): Member | DevnetError {
        try {
            return this.#examine(serialized);
        } catch (error) {
            if (error instanceof DevnetError) return error;
            throw error;
        }
    }

    #examine(serialized: Uint8Array): Member {
        const certificate = this.#readCertificate(serialized);
        const keyType = keyTypeOf(certificate);
        if (keyType !== 'ec' && keyType !== 'ed25519') {
            invalid(
                `could not validate identity's public key algorithm: ${keyType.toUpperCase()} is not supported`,
            );
        }
        const { chain, issuer } = this.#chainOf(certificate);
        if (this.#revocations.some((list) => list.revokes(certificate, issuer))) {
            invalid(
                'could not validate identity against certification chain: The certificate has been revoked',
            );
        }
        const certificateDer = sanitizedCertificate(certificate);
        const organizationalUnits = unitsOf(certificate);
        const certifiersIdentifier = chainIdentifier(chain.slice(1));
        const roles = this.#rolesOf(organizationalUnits, certifiersIdentifier);
        if (this.#admins.has(certificateDer.toString('hex'))) roles.add('admin');
        return newMember({
            mspId: this.mspId,
            certificate,
            certificateDer,
            roles,
            organizationalUnits,
            certifiersIdentifier,
        });
    }

    #readCertificate(serialized: Uint8Array): X509Certificate {
        let identity: msp.SerializedIdentity;
        try {
            identity = msp.SerializedIdentity.deserializeBinary(serialized);
        } catch {
            return invalid('could not deserialize a SerializedIdentity');
        }
        if (identity.getMspid() !== this.mspId) {
            invalid(`expected MSP ID ${this.mspId}, received ${identity.getMspid()}`);
        }
        const pem = Buffer.from(identity.getIdBytes_asU8()).toString('latin1');
        if (!pem.includes('-----BEGIN ')) invalid('could not decode the PEM structure');
        try {
            return new X509Certificate(pem);
        } catch (error) {
            return invalid(`parseCertificate failed: ${(error as Error).message}`);
        }
    }

    #chainOf(certificate: X509Certificate): {
        readonly chain: readonly X509Certificate[];
        readonly issuer: X509Certificate;
    } {
        if (certificate.ca) {
            invalid(
                'could not obtain certification chain: An X509 certificate with Basic Constraint: Certificate Authority equals true cannot be used as an identity',
            );
        }
        const chains = this.#tree.chains(certificate);
        const [chain] = chains;
        const issuer = chain?.[1];
        if (chain === undefined || issuer === undefined) {
            return invalid(
                'the supplied identity is not valid: x509: certificate signed by unknown authority',
            );
        }
        if (chains.length > 1) {
            invalid(`this MSP only supports a single validation chain, got ${chains.length}`);
        }
        const begin = new Date(certificate.validFrom).getTime() + 1000;
        const valid = chain
            .slice(1)
            .every(
                ({ validFrom, validTo }) =>
                    new Date(validFrom).getTime() <= begin && begin <= new Date(validTo).getTime(),
            );
        if (!valid) {
            invalid(
                'the supplied identity is not valid: x509: certificate has expired or is not yet valid',
            );
        }
        if (this.#tree.isInternal(issuer)) {
            invalid(
                'could not obtain certification chain: invalid validation chain. Parent certificate should be a leaf of the certification tree',
            );
        }
        return { chain, issuer };
    }

    #rolesOf(units: readonly string[], certifiers: Buffer): Set<MemberRole> {
        const roles = new Set<MemberRole>(['member']);
        if (this.#roleUnits.length === 0) return roles;
        const found = units.flatMap((unit) =>
            this.#roleUnits.filter((roleUnit) => roleUnit.unit === unit).slice(0, 1),
        );
        const shown = `OUs: [${units.join(' ')}], MSP: [${this.mspId}]`;
        for (const { certifiers: wanted } of found) {
            if (wanted !== undefined && !wanted.equals(certifiers)) {
                invalid(
                    `could not validate identity's OUs: certifiersIdentifier does not match: ${shown}`,
                );
            }
        }
        const [only] = found;
        if (only === undefined) {
            return invalid(
                `could not validate identity's OUs: the identity does not have an OU that resolves to client, peer, orderer, or admin role. ${shown}`,
            );
        }
        if (found.length > 1) {
            invalid(
                `could not validate identity's OUs: the identity must have a client, a peer, an orderer, or an admin OU role to be valid, not a combination of them. ${shown}`,
            );
        }
        return roles.add(only.role);
    }
}
