/** Function names kept apart; more than any application has, fewer than would hurt a metrics store. */
const most = 200;

/** Keeps metrics bounded: names beyond the limit share the label `other`. */
export class BoundedLabels {
    readonly #known = new Set<string>();

    label(name: string): string {
        if (this.#known.has(name)) return name;
        if (this.#known.size >= most) return 'other';
        this.#known.add(name);
        return name;
    }
}
