/**
 * Many simulations or one commit. A waiting commit keeps new simulations out, as on a peer, so that
 * a stream of endorsements cannot starve it.
 */
export class StateLock {
    #readers = 0;
    #writing = false;
    readonly #waiting: { readonly write: boolean; readonly enter: () => void }[] = [];

    /** Resolves with the function that gives the shared lock back. */
    async read(): Promise<() => void> {
        if (this.#writing || this.#waiting.length > 0) {
            await new Promise<void>((enter) => this.#waiting.push({ write: false, enter }));
        } else {
            this.#readers++;
        }
        return once(() => {
            this.#readers--;
            this.#admit();
        });
    }

    /** Resolves, when no one else holds the lock, with the function that gives it back. */
    async write(): Promise<() => void> {
        if (this.#writing || this.#readers > 0 || this.#waiting.length > 0) {
            await new Promise<void>((enter) => this.#waiting.push({ write: true, enter }));
        } else {
            this.#writing = true;
        }
        return once(() => {
            this.#writing = false;
            this.#admit();
        });
    }

    /** Lets in those who came first: one writer, or every reader before the next writer. */
    #admit(): void {
        for (let next = this.#waiting[0]; next && !this.#writing; next = this.#waiting[0]) {
            if (next.write && this.#readers > 0) return;
            this.#waiting.shift();
            if (next.write) this.#writing = true;
            else this.#readers++;
            next.enter();
        }
    }
}

function once(release: () => void): () => void {
    let held = true;
    return () => {
        if (!held) return;
        held = false;
        release();
    };
}
