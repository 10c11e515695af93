import { createHash, X509Certificate } from 'node:crypto';
import type { Context } from 'fabric-contract-api';

type ClientIdentity = Context['clientIdentity'];

/** Who signed the transaction, as its certificate says. */
export class Caller {
    readonly #identity: ClientIdentity;
    #units: readonly string[] | undefined;
    #key: string | undefined;

    constructor(identity: ClientIdentity) {
        this.#identity = identity;
    }

    /** The organisation's MSP id. */
    get mspId(): string {
        return this.#identity.getMSPID();
    }

    /** Subject and issuer of the certificate, as the shim writes them. */
    get id(): string {
        return this.#identity.getID();
    }

    /** The organisational units of the certificate, e.g. `client`, `admin`. */
    get units(): readonly string[] {
        this.#units ??= this.#readUnits();
        return this.#units;
    }

    /** A short name of this caller that is safe in keys: a hash of the MSP id and {@link Caller.id}. */
    get key(): string {
        this.#key ??= createHash('sha256')
            .update(`${this.mspId}\u0000${this.id}`)
            .digest('hex')
            .slice(0, 32);
        return this.#key;
    }

    /** The attribute the certificate authority vouches for; undefined when there is none. */
    attribute(name: string): string | undefined {
        // Attributes come from JSON: `constructor` must not find an object's own machinery.
        const value: unknown = this.#identity.getAttributeValue(name);
        return typeof value === 'string' ? value : undefined;
    }

    /** Whether the certificate has that organisational unit. */
    hasUnit(unit: string): boolean {
        return this.units.includes(unit);
    }

    #readUnits(): string[] {
        const certificate = new X509Certificate(Buffer.from(this.#identity.getIDBytes()));
        return certificate.subject
            .split('\n')
            .filter((line) => line.startsWith('OU='))
            .map((line) => line.slice('OU='.length));
    }
}
