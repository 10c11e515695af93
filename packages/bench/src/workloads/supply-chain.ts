import { defineWorkload } from './workload.js';

const products = 1000;
const auditRows = 1000;
/** What happens to a product, in this order, over and over. */
const journey = ['pushAsn', 'ship', 'queryAsn', 'unload'] as const;

const productKey = (number: string): string => `product:${number.padStart(6, '0')}`;

/** A supply chain: products on their journey, audit rows that count, ranges over neighbours. */
export const supplyChain = defineWorkload({
    name: 'supply-chain',
    title: 'a supply chain: 1,000 products on their journey, audit rows, ranges of three',
    setup: () => [],
    operations: (random) => {
        const steps = new Uint32Array(products);
        return () => {
            const product = random.below(products);
            const kind = random.below(journey.length + 2);
            if (kind === journey.length) {
                const audit = String(random.below(auditRows));
                return { name: 'updateAuditInfo', args: [String(product), audit] };
            }
            if (kind > journey.length) return { name: 'queryProducts', args: [String(product)] };
            const step = steps[product] ?? 0;
            steps[product] = step + 1;
            return { name: journey[step % journey.length] ?? 'ship', args: [String(product)] };
        };
    },
    keys: ({ name, args: [product = '', audit = ''] }) => {
        if (name === 'queryProducts') return undefined;
        const key = productKey(product);
        if (name === 'queryAsn') return { reads: [key] };
        return name === 'updateAuditInfo'
            ? { reads: [key], writes: [`audit-info:${audit}`] }
            : [key];
    },
});
