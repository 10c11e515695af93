import { RwsetError } from './errors.js';

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Writes protobuf the way Go's deterministic marshaller does: fields in order, defaults left out. */
export class WireWriter {
    #bytes: Buffer;
    #pos = 0;

    constructor(capacity = 256) {
        this.#bytes = Buffer.allocUnsafe(capacity);
    }

    /** The bytes written so far, in memory of their own. */
    finish(): Uint8Array {
        return Uint8Array.prototype.slice.call(this.#bytes, 0, this.#pos);
    }

    /** A number field; zero is the default and is left out. */
    number(field: number, value: number): void {
        if (value === 0) return;
        this.#reserve(15);
        this.#varint(field * 8);
        this.#varint(value);
    }

    /** A boolean field; false is the default and is left out. */
    flag(field: number, value: boolean): void {
        if (value) this.number(field, 1);
    }

    /** A text field; empty text is the default and is left out. */
    text(field: number, value: string): void {
        if (value === '') return;
        // A lone surrogate has no UTF-8 form: Node would write U+FFFD, which is another key.
        if (LONE_SURROGATE.test(value)) {
            throw new RwsetError(
                'RWSET_KEY_MALFORMED',
                `${JSON.stringify(value)} holds a lone surrogate and has no UTF-8 form. ` +
                    `Check keys and names with isWellFormed() before they are used.`,
            );
        }
        const length = Buffer.byteLength(value);
        this.#reserve(length + 15);
        this.#varint(field * 8 + 2);
        this.#varint(length);
        this.#bytes.write(value, this.#pos);
        this.#pos += length;
    }

    /** A bytes field; empty bytes are the default and are left out. */
    bytes(field: number, value: Uint8Array): void {
        if (value.length > 0) this.element(field, value);
    }

    /** An element of a repeated bytes field, which is written even when empty. */
    element(field: number, value: Uint8Array): void {
        this.#reserve(value.length + 15);
        this.#varint(field * 8 + 2);
        this.#varint(value.length);
        this.#bytes.set(value, this.#pos);
        this.#pos += value.length;
    }

    /** A nested message, which is written even when empty: an absent one is not to be called. */
    message(field: number, write: () => void): void {
        this.#reserve(16);
        this.#varint(field * 8 + 2);
        const lengthAt = this.#pos++;
        const start = this.#pos;
        write();
        const length = this.#pos - start;
        if (length < 0x80) {
            this.#bytes[lengthAt] = length;
            return;
        }
        // The length takes more than the one byte that was left for it: move the content.
        const extra = varintSize(length) - 1;
        this.#reserve(extra);
        this.#bytes.copyWithin(start + extra, start, this.#pos);
        this.#pos = lengthAt;
        this.#varint(length);
        this.#pos += length;
    }

    #varint(value: number): void {
        let rest = value;
        while (rest >= 0x80) {
            this.#bytes[this.#pos++] = (rest % 0x80) + 0x80;
            rest = Math.floor(rest / 0x80);
        }
        this.#bytes[this.#pos++] = rest;
    }

    #reserve(count: number): void {
        const needed = this.#pos + count;
        if (needed <= this.#bytes.length) return;
        const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
        this.#bytes.copy(larger, 0, 0, this.#pos);
        this.#bytes = larger;
    }
}

function varintSize(value: number): number {
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
    return size;
}
