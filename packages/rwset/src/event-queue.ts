interface Event {
    readonly atMs: number;
    readonly sequence: number;
    readonly run: () => void;
}

/** What is to happen, by time; of two at the same time the one planned first. */
export class EventQueue {
    readonly #heap: Event[] = [];
    #sequence = 0;
    #nowMs = 0;

    /** The time of the event that is running, or ran last. */
    get nowMs(): number {
        return this.#nowMs;
    }

    /** Plans something for a time from now. */
    after(delayMs: number, run: () => void): void {
        const event = { atMs: this.#nowMs + delayMs, sequence: this.#sequence++, run };
        const heap = this.#heap;
        let at = heap.push(event) - 1;
        while (at > 0) {
            const parent = (at - 1) >> 1;
            const above = heap[parent];
            if (above === undefined || isBefore(above, event)) break;
            heap[at] = above;
            at = parent;
        }
        heap[at] = event;
    }

    /** Runs everything that is planned, until nothing is, or not before `untilMs`. */
    run(untilMs: number): void {
        for (let event = this.#heap[0]; event !== undefined; event = this.#heap[0]) {
            if (event.atMs > untilMs) return;
            this.#removeFirst();
            this.#nowMs = event.atMs;
            event.run();
        }
    }

    #removeFirst(): void {
        const heap = this.#heap;
        const moving = heap.pop();
        if (moving === undefined || heap.length === 0) return;
        let at = 0;
        for (;;) {
            let child = at * 2 + 1;
            let below = heap[child];
            if (below === undefined) break;
            const right = heap[child + 1];
            if (right !== undefined && isBefore(right, below)) {
                below = right;
                child++;
            }
            if (!isBefore(below, moving)) break;
            heap[at] = below;
            at = child;
        }
        heap[at] = moving;
    }
}

function isBefore(a: Event, b: Event): boolean {
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}
