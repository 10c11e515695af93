/** PEM text given in place, or a file that holds it. */
export type PemSource =
    | { readonly pem: string }
    /** Relative to the profile's own folder. */
    | { readonly path: string };

/** One peer, reached through its gateway, deliver and endorser services. */
export interface PeerProfile {
    /** Unique in the profile, e.g. `peer0.org1`. */
    readonly name: string;
    /** Membership service provider of the peer's organisation. */
    readonly mspId: string;
    /** `host:port`. */
    readonly endpoint: string;
    /** The root certificate that the peer's TLS certificate chains to; absent only for plain text. */
    readonly tlsRootCert?: PemSource;
    /** The host name to expect in the peer's TLS certificate, where the endpoint's differs. */
    readonly hostOverride?: string;
}

/** One ordering node; needed only by tools that speak to the orderer themselves. */
export interface OrdererProfile {
    readonly name: string;
    readonly mspId: string;
    readonly endpoint: string;
    readonly tlsRootCert?: PemSource;
    readonly hostOverride?: string;
}

/** Somebody who may sign. */
export interface IdentityProfile {
    /** Unique in the profile, e.g. `user1`. */
    readonly name: string;
    readonly mspId: string;
    readonly certificate: PemSource;
    readonly privateKey: PemSource;
}

/** How to reach a network: the one file that every command and test takes. */
export interface NetworkProfile {
    /** For people; shown in reports. */
    readonly name: string;
    /** The channel to work on. */
    readonly channel: string;
    /** At least one; the first is the default. */
    readonly peers: readonly PeerProfile[];
    readonly orderers?: readonly OrdererProfile[];
    /** At least one; the first is the default. */
    readonly identities: readonly IdentityProfile[];
    /** What a chaincode is for → the name it was committed under. */
    readonly chaincodes?: Readonly<Record<string, string>>;
    /** Direct access to a peer's CouchDB, for diagnostics only. */
    readonly couchdb?: { readonly url: string };
}
