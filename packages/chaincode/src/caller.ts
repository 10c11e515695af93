import { createHash, X509Certificate } from 'node:crypto';
// Before toLegacyObject: Node loads half of it for that, and whoever needs TLS later finds only that half.
import 'node:tls';
import type { Context } from 'fabric-contract-api';

type ClientIdentity = Context['clientIdentity'];

function shortHash(mspId: string, id: string): string {
    return createHash('sha256').update(`${mspId}\u0000${id}`).digest('hex').slice(0, 32);
}

/** Who signed the transaction, as its certificate says. */
export class Caller {
    readonly #identity: ClientIdentity;
    #units: readonly string[] | undefined;
    #key: string | undefined;
    #subject: Readonly<Record<string, string | string[] | undefined>> | undefined;

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
        this.#units ??= [this.#subjectNames()['OU'] ?? []].flat();
        return this.#units;
    }

    /** A short name of this caller that is safe in keys: a hash of the MSP id and {@link Caller.id}. */
    get key(): string {
        this.#key ??= shortHash(this.mspId, this.id);
        return this.#key;
    }

    /**
     * Who it is, whichever certificate is used: a hash of the MSP id and the common name, which a Fabric CA
     * makes the enrolment id. {@link Caller.key} changes when somebody is enrolled again with another
     * organisational unit; this does not. Compare it where two people are asked for.
     */
    get person(): string {
        const [name = this.id] = [this.#subjectNames()['CN'] ?? []].flat();
        return shortHash(this.mspId, name);
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

    /** The parts of the subject, as the certificate has them. */
    #subjectNames(): Readonly<Record<string, string | string[] | undefined>> {
        // Not the subject's text: it joins the units of a Fabric CA, which stand in one set, by " + ".
        this.#subject ??= new X509Certificate(
            Buffer.from(this.#identity.getIDBytes()),
        ).toLegacyObject().subject as unknown as Readonly<
            Record<string, string | string[] | undefined>
        >;
        return this.#subject;
    }
}
