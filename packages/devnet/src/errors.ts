/** Every code a {@link DevnetError} can carry, with what it means. */
export const ERROR_CODES = {
    // identities and certificates
    DEVNET_ENROLMENT_INVALID: 'A certificate authority was asked for something it does not issue.',
    DEVNET_MSP_INVALID: 'The configuration of a membership service provider cannot be used.',
    DEVNET_IDENTITY_INVALID:
        'An identity is not a valid member of the organisation it says it is of.',
    DEVNET_CERTIFICATE_MALFORMED: 'A certificate is not in the form X.509 gives it.',
    // the ledger
    DEVNET_SIMULATION_REFUSED:
        "A transaction asked for what a peer refuses; the message is a real peer's.",
    DEVNET_BLOCK_REFUSED: 'A block does not continue the chain.',
    DEVNET_PRIVATE_DATA_MISMATCH: 'Private data is not what its transaction promised.',
    DEVNET_SNAPSHOT_STALE: 'A snapshot is not of this ledger, or of a past it no longer has.',
    DEVNET_LEDGER_LOCKED: 'The folder of a ledger is in use by another process.',
    DEVNET_LEDGER_UNREADABLE: 'The folder of a ledger cannot be opened, or holds another ledger.',
    DEVNET_COUCHDB_FAILED: 'The CouchDB of a ledger cannot be reached, or failed a request.',
    DEVNET_COUCHDB_OCCUPIED: 'A CouchDB holds the channel of another peer.',
    DEVNET_LEDGER_CLOSED: 'A ledger was used after it was closed.',
    // the network
    DEVNET_OPTION_INVALID: 'An option of the network or of a deployment has a wrong value.',
    DEVNET_DEPLOY_FAILED: 'A chaincode could not be deployed.',
    DEVNET_DATA_UNUSABLE: 'What an earlier network left in the data folder cannot be used.',
    DEVNET_FILE_FAILED: 'A file or folder cannot be read or written.',
    DEVNET_CHANNEL_FAILED: 'A block could not be committed, and the channel stands still.',
    DEVNET_PORT_UNAVAILABLE: 'A node cannot listen on the port it was given.',
    DEVNET_STOPPED: 'The network was used after it was stopped.',
    // the test kit
    DEVNET_ENDORSEMENT_FAILED: 'A call that a test needs the result of failed.',
    // policies
    DEVNET_POLICY_INVALID: "A policy is not in Fabric's form, or refers to one that is not there.",
} as const;

/** A stable error code of this package. */
export type DevnetErrorCode = keyof typeof ERROR_CODES;

/** What went wrong in the embedded network, or in setting it up. */
export class DevnetError extends Error {
    override readonly name = 'DevnetError';
    readonly code: DevnetErrorCode;

    constructor(code: DevnetErrorCode, message: string, options?: { readonly cause?: unknown }) {
        super(message, options);
        this.code = code;
    }
}
