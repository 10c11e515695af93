interface Waiting {
    readonly write: boolean;
    readonly enter: () => void;
    readonly refuse: (reason: Error) => void;
}

/**
 * Many simulations or one commit. A waiting commit keeps new simulations out, as on a peer, so that
 * a stream of endorsements cannot starve it.
 */
export class StateLock {
    #readers = 0;
    #writing = false;
    #closed: Error | undefined;
    #waiting: Waiting[] = [];

    /** Resolves with the function that gives the shared lock back. */
    async read(): Promise<() => void> {
        if (this.#writing || this.#waiting.length > 0) await this.#wait(false);
        else this.#readers++;
        return once(() => {
            this.#readers--;
            this.#admit();
        });
    }

    /** Resolves, when no one else holds the lock, with the function that gives it back. */
    async write(): Promise<() => void> {
        if (this.#writing || this.#readers > 0 || this.#waiting.length > 0) await this.#wait(true);
        else this.#writing = true;
        return once(() => {
            this.#writing = false;
            this.#admit();
        });
    }

    /** Refuses those who wait, now and from now on: someone may hold the lock for ever. */
    close(reason: Error): void {
        this.#closed = reason;
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const { refuse } of waiting) refuse(reason);
    }

    #wait(write: boolean): Promise<void> {
        if (this.#closed) return Promise.reject(this.#closed);
        return new Promise<void>((enter, refuse) => this.#waiting.push({ write, enter, refuse }));
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
