import { NamedMap } from '../queue/named-map.js';

/** Function names kept apart; more than any application has, fewer than would hurt a metrics store. */
const most = 200;

/** Keeps metrics bounded: names beyond the limit share the label `other`. */
export class BoundedLabels {
    readonly #known = new NamedMap<string>(most, 'other');

    label(name: string): string {
        return this.#known.getOrMake(name, (label) => label);
    }
}
