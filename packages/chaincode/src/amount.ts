import { ChaincodeError } from './errors.js';

/** An exact amount: whole units as a bigint, or decimal text such as `12.50`. Never a float. */
export type Amount = bigint | string;

const DECIMAL = /^([+-]?)(\d{1,100})(?:\.(\d{1,50}))?$/;

function invalid(amount: unknown, scale: number): never {
    const form = scale === 0 ? 'a whole number' : `decimal text with at most ${scale} decimals`;
    throw new ChaincodeError(
        'CHAINCODE_AMOUNT_INVALID',
        // Without the text: it may be anything, and errors are logged and sent.
        `a ${typeof amount} was given that is not an amount; give ${form}, or a bigint of the smallest unit`,
    );
}

/** Amounts of a fixed number of decimals, kept as bigints of the smallest unit. */
export class AmountScale {
    readonly decimals: number;

    constructor(decimals: number) {
        if (!Number.isInteger(decimals) || decimals < 0 || decimals > 50) {
            throw new ChaincodeError(
                'CHAINCODE_SETUP_INVALID',
                `scale is ${String(decimals)}; give a whole number of decimals from 0 to 50`,
            );
        }
        this.decimals = decimals;
    }

    /** Smallest units of an amount. */
    units(amount: Amount): bigint {
        if (typeof amount === 'bigint') return amount;
        const parts = typeof amount === 'string' ? DECIMAL.exec(amount) : null;
        if (parts === null) return invalid(amount, this.decimals);
        const [, sign, whole = '', fraction = ''] = parts;
        if (fraction.length > this.decimals) return invalid(amount, this.decimals);
        const units = BigInt(whole + fraction.padEnd(this.decimals, '0'));
        return sign === '-' ? -units : units;
    }

    /** The same, refusing what is not above zero. */
    positive(amount: Amount): bigint {
        const units = this.units(amount);
        if (units > 0n) return units;
        throw new ChaincodeError(
            'CHAINCODE_AMOUNT_INVALID',
            `the amount ${this.text(units)} is not above zero`,
        );
    }

    /** Decimal text of smallest units. */
    text(units: bigint): string {
        if (this.decimals === 0) return String(units);
        const digits = String(units < 0n ? -units : units).padStart(this.decimals + 1, '0');
        const cut = digits.length - this.decimals;
        return `${units < 0n ? '-' : ''}${digits.slice(0, cut)}.${digits.slice(cut)}`;
    }
}

/** The number a counter's row holds; an absent row holds zero. */
export function storedUnits(value: Uint8Array): bigint {
    return value.length === 0 ? 0n : BigInt(Buffer.from(value).toString());
}
