import { Context } from 'fabric-contract-api';
import { Caller } from './caller.js';
import { canonicalBytes, canonicalJson } from './canonical-json.js';
import { txTime, type TxTime } from './tx-time.js';
import { isUnitOfWork, UnitOfWork } from './unit-of-work.js';
import type { UnitOfWorkOptions } from './overlay.js';
import type { Stub } from './stub.js';

/**
 * What a {@link GoodputContract}'s transactions get: a stub that reads its own writes, and everything
 * code may depend on that is the same on every endorser.
 */
export class GoodputContext extends Context {
    declare stub: UnitOfWork;
    readonly #options: UnitOfWorkOptions;
    #time: TxTime | undefined;
    #caller: Caller | undefined;

    constructor(options: UnitOfWorkOptions = {}) {
        super();
        this.#options = options;
    }

    /** @internal Called by the shim. */
    setChaincodeStub(stub: Stub): void {
        this.stub = isUnitOfWork(stub) ? stub : new UnitOfWork(stub, this.#options);
    }

    /** The transaction's timestamp: the only clock a contract may read. */
    get time(): TxTime {
        this.#time ??= txTime(this.stub);
        return this.#time;
    }

    /** Who submitted the transaction. */
    get caller(): Caller {
        this.#caller ??= new Caller(this.clientIdentity);
        return this.#caller;
    }

    /**
     * A name no other transaction gives: the transaction id and a number that counts within it. Names
     * of one transaction sort in the order they were made.
     */
    nextId(): string {
        const { overlay } = this.stub;
        const sequence = String(overlay.sequence++).padStart(6, '0');
        return `${this.stub.getTxID()}-${sequence}`;
    }

    /**
     * What `work` gives, worked out once a transaction; again only when the transaction has since written
     * anything it was made of.
     */
    async memo<T>(name: string, work: () => Promise<T>): Promise<T> {
        return this.stub.overlay.memo.get(name, work);
    }

    /** Logs a line at `info`, with protected health information made unreadable. */
    log(message: string, data?: unknown): void {
        const line = data === undefined ? message : `${message} ${canonicalJson(data)}`;
        const { phi } = this.stub.overlay;
        this.logging.getLogger('contract').info(phi?.redact(line) ?? line);
    }

    /**
     * Adds an event with canonical JSON as its payload. Fabric sends one event a transaction: several
     * reach the client in one, which `readEvents` takes apart.
     */
    emit(name: string, payload?: unknown): void {
        this.stub.addEvent(name, payload === undefined ? undefined : canonicalBytes(payload));
    }
}
