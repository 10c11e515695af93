import { Contention, isRecent } from '../lanes/contention.js';
import { KeyLanes, type Choice, type LaneGroup } from '../lanes/key-lanes.js';
import { isUnknown, scopeKey } from '../lanes/key-use.js';
import { FairQueue } from '../queue/fair-queue.js';
import { FairShare } from '../queue/fair-share.js';
import { Turns } from '../queue/lists.js';
import { NamedMap } from '../queue/named-map.js';
import { EARLY, FREE, gatherKind } from './lane-kinds.js';
import type { Operation } from './operation.js';

/** Operations that have had their receipt and still wait in line, at most, beside as many others. */
const mostSettled = 1_000;

/**
 * Where operations wait until they start: first in a queue that is fair to chaincodes and callers,
 * then, as many as could soon run, in the lanes of their keys, where nothing overtakes.
 */
export class WaitingRoom {
    readonly #contention = new Contention();
    readonly #lanes = new KeyLanes<Operation>((key) => {
        this.#contention.note(key);
    });
    readonly #queue = new FairQueue<Operation>(chaincodeOf);
    readonly #free = new Turns<Operation>(chaincodeOf);
    readonly #early = new Turns<Operation>(chaincodeOf);
    /** Operations that have left the queue and not started. */
    readonly #staged = new FairShare();
    /** Operations in lanes whose keys are not known, by chaincode. */
    readonly #unknown = new Map<string, number>();
    /** When such a one was last staged, by chaincode. */
    readonly #lastUnknown = new NamedMap<number>();
    readonly #alive: (operation: Operation) => boolean;

    /** @param alive - false for one that has its receipt, or has been given up and is given one */
    constructor(alive: (operation: Operation) => boolean) {
        this.#alive = alive;
    }

    /** Operations not started yet. */
    get size(): number {
        return this.#queue.size + this.#staged.total;
    }

    /** Whether some are not even in their lanes. */
    get crowded(): boolean {
        return this.#queue.size > 0;
    }

    /** Kinds of which an operation might be able to start. */
    readyKinds(): string[] {
        return this.#lanes.readyKinds();
    }

    /** @param open - operations anywhere that have no receipt */
    push(operation: Operation, open: number): void {
        this.#queue.push(operation);
        // What was given up in line must not pile up there while nothing can start.
        if (this.#queue.size > 2 * open + mostSettled) this.#queue.prune(this.#alive);
    }

    /** Moves operations to their lanes; what is there cannot be overtaken by a fairer turn. */
    stage(room: number): void {
        const may = (chaincode: string): boolean => this.#staged.mayTake(chaincode, 1, room);
        for (;;) {
            const operation = this.#queue.shift(may);
            if (operation === undefined) return;
            if (!this.#alive(operation)) continue;
            this.#staged.take(operation.call.chaincode);
            if (operation.kind === FREE || operation.kind === EARLY) {
                (operation.kind === FREE ? this.#free : this.#early).push(operation);
                continue;
            }
            if (isUnknown(operation)) {
                this.#countUnknown(operation, 1);
                this.#lastUnknown.set(operation.call.chaincode, performance.now());
            } else if (operation.spread && this.#gathers(operation)) {
                operation.kind = gatherKind(operation.scope);
            }
            this.#lanes.add(operation);
        }
    }

    /**
     * The next that runs whatever else is under way.
     *
     * @param may - whether one of that chaincode may start
     */
    nextFree(may: (chaincode: string) => boolean): Operation | undefined {
        return this.#next(this.#free, may);
    }

    /** The next that runs whatever else is under way, once a block has just come. */
    nextEarly(may: (chaincode: string) => boolean): Operation | undefined {
        return this.#next(this.#early, may);
    }

    #next(waiting: Turns<Operation>, may: (chaincode: string) => boolean): Operation | undefined {
        for (;;) {
            const operation = waiting.shift(may);
            if (operation !== undefined) this.#staged.give(operation.call.chaincode);
            if (operation === undefined || this.#alive(operation)) return operation;
        }
    }

    /** Fills a group with operations of a kind, for as long as `choose` takes them. */
    fill(
        kind: string,
        group: LaneGroup<Operation>,
        choose: (operation: Operation) => Choice,
    ): void {
        this.#lanes.fill(kind, group, (operation) => {
            const choice = this.#alive(operation) ? choose(operation) : 'drop';
            const leaves = choice === 'take' || choice === 'drop';
            if (leaves) this.#staged.give(operation.call.chaincode);
            if (leaves && isUnknown(operation)) this.#countUnknown(operation, -1);
            return choice;
        });
    }

    /** Frees the keys of a group that has finished. */
    release(group: LaneGroup<Operation>): void {
        this.#lanes.release(group);
    }

    /** Whether one waits whose keys are not known, and who therefore waits for all of its chaincode. */
    awaitsAll(chaincode: string): boolean {
        return this.#unknown.has(chaincode);
    }

    /**
     * Whether it had better gather: others want its keys as well. Not beside operations whose keys are
     * not known: those wait for all ahead of them and hold up all behind them, and what is of two kinds
     * shares no transaction, so that each would wait for a block of the other.
     */
    #gathers({ keys, call }: Operation): boolean {
        const whole = scopeKey(call.chaincode);
        if (isRecent(this.#lastUnknown.get(call.chaincode))) return false;
        return keys.some(
            (use) =>
                use.key !== whole && (this.#contention.has(use.key) || this.#lanes.isTaken(use)),
        );
    }

    #countUnknown({ call: { chaincode } }: Operation, by: 1 | -1): void {
        const count = (this.#unknown.get(chaincode) ?? 0) + by;
        if (count === 0) this.#unknown.delete(chaincode);
        else this.#unknown.set(chaincode, count);
    }
}

function chaincodeOf({ call }: Operation): string {
    return call.chaincode;
}
