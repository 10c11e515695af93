/** Part of a bound that each owner has to itself, whatever the others hold. */
const ownPart = 1 / 8;
/** How far what owners hold of their parts may go beyond the bound, all together. */
const partBeyond = 1 / 4;

/**
 * Shares out something bounded among owners. Whoever is alone may hold all of it; what it holds is
 * not taken away, as with calls that hang. So a small part is everybody's own: an owner that holds
 * less than that gets more even when others hold all there is, and the bound is exceeded by a
 * quarter at most. In this way a chaincode that is down cannot stop one that is well.
 */
export class FairShare {
    readonly #held = new Map<string, number>();
    #total = 0;

    /** What all hold together. */
    get total(): number {
        return this.#total;
    }

    /** Whether an owner may hold so much more, under a bound that may be another one each time. */
    mayTake(owner: string, amount: number, bound: number): boolean {
        const total = this.#total + amount;
        if (total <= bound) return true;
        const held = (this.#held.get(owner) ?? 0) + amount;
        return held <= part(bound, ownPart) && total <= bound + part(bound, partBeyond);
    }

    take(owner: string, amount = 1): void {
        this.#total += amount;
        this.#held.set(owner, (this.#held.get(owner) ?? 0) + amount);
    }

    give(owner: string, amount = 1): void {
        this.#total -= amount;
        const left = (this.#held.get(owner) ?? 0) - amount;
        if (left > 0) this.#held.set(owner, left);
        else this.#held.delete(owner);
    }
}

/** Of a small bound, still one. */
function part(bound: number, share: number): number {
    return Math.max(1, Math.floor(bound * share));
}
