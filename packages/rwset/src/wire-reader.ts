import { RwsetError } from './errors.js';

/** Wire types of protobuf that Fabric's messages use. */
export const VARINT = 0;
export const BYTES = 2;
/** Nobody writes groups any more, but a peer steps over unknown ones. */
const GROUP = 3;
const GROUP_END = 4;
/** How deep a peer follows groups within groups. */
const MAX_DEPTH = 10_000;

const REPLACEMENT = '\ufffd';

/**
 * Reads protobuf in place. It allocates nothing but what it returns: a nested message is read with
 * the same reader up to the end that {@link WireReader.messageEnd} gives.
 */
export class WireReader {
    readonly bytes: Buffer;
    pos = 0;
    readonly #what: string;

    constructor(bytes: Uint8Array, what: string) {
        this.bytes = Buffer.isBuffer(bytes)
            ? bytes
            : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        this.#what = what;
    }

    get end(): number {
        return this.bytes.length;
    }

    /** The error for bytes that cannot be what they should be. */
    malformed(why: string): RwsetError {
        return new RwsetError(
            'RWSET_BYTES_MALFORMED',
            `These ${this.bytes.length} bytes are not a ${this.#what}: ${why} at byte ${this.pos}. ` +
                `Pass the protobuf bytes as Fabric wrote them, whole and unchanged.`,
        );
    }

    /** The next tag: field number times 8 plus wire type. */
    tag(): number {
        const tag = this.varint();
        if (tag < 8 || tag > 0xffffffff) throw this.malformed('a field without a number');
        return tag;
    }

    /** An unsigned integer; exact up to 2^53 - 1. */
    varint(): number {
        const bytes = this.bytes;
        let byte = bytes[this.pos++];
        if (byte === undefined) throw this.malformed('the end comes too early');
        if (byte < 0x80) return byte;
        let value = byte & 0x7f;
        let scale = 0x80;
        for (let i = 1; i < 10; i++) {
            byte = bytes[this.pos++];
            if (byte === undefined) throw this.malformed('the end comes too early');
            value += (byte & 0x7f) * scale;
            if (byte < 0x80) return value;
            scale *= 0x80;
        }
        throw this.malformed('a number longer than 10 bytes');
    }

    /** An unsigned integer that has to be exact, such as a block number. */
    exact(): number {
        const value = this.varint();
        if (!Number.isSafeInteger(value)) {
            throw new RwsetError(
                'RWSET_NUMBER_TOO_LARGE',
                `A block or transaction number in a ${this.#what} is ${value}, above 2^53 - 1, ` +
                    `which no Fabric channel reaches. Check where the bytes come from.`,
            );
        }
        return value;
    }

    /** A signed integer of up to 64 bits, as protobuf writes int32 and int64. */
    signed(): number {
        const start = this.pos;
        const value = this.varint();
        if (value < 0x8000_0000_0000_0000) return value;
        let exact = 0n;
        for (let i = this.pos - 1; i >= start; i--) {
            exact = (exact << 7n) | BigInt((this.bytes[i] ?? 0) & 0x7f);
        }
        return Number(BigInt.asIntN(64, exact));
    }

    /** A signed integer of 32 bits: of a longer one the lower half, as protobuf takes it. */
    int32(): number {
        const start = this.pos;
        this.varint();
        let value = 0;
        for (let i = start; i < Math.min(this.pos, start + 5); i++) {
            value |= ((this.bytes[i] ?? 0) & 0x7f) << (7 * (i - start));
        }
        return value;
    }

    /** The end of the length-delimited field that starts here. */
    messageEnd(): number {
        const length = this.varint();
        const end = this.pos + length;
        if (end > this.bytes.length) throw this.malformed(`a field of ${length} bytes`);
        return end;
    }

    /** Checks that a nested message ended where it should. */
    close(end: number): void {
        if (this.pos !== end) throw this.malformed('a field runs past the message it is in');
    }

    /** A view on the bytes of the field that starts here. */
    view(): Uint8Array {
        const end = this.messageEnd();
        const view = this.bytes.subarray(this.pos, end);
        this.pos = end;
        return view;
    }

    /** The field's bytes in lower-case hexadecimal. */
    hex(): string {
        const end = this.messageEnd();
        const text = this.bytes.toString('hex', this.pos, end);
        this.pos = end;
        return text;
    }

    /** A text field; one that is not UTF-8 is malformed, as it is to a peer. */
    text(): string {
        const end = this.messageEnd();
        const start = this.pos;
        this.pos = end;
        return this.textBetween(start, end);
    }

    /** The text of a stretch of the bytes. */
    textBetween(start: number, end: number): string {
        const bytes = this.bytes;
        if (end - start <= 24) {
            let text = '';
            let at = start;
            for (; at < end; at++) {
                const byte = bytes[at] ?? 0;
                if (byte >= 0x80) break;
                text += String.fromCharCode(byte);
            }
            if (at === end) return text;
        }
        const text = bytes.toString('utf8', start, end);
        if (text.includes(REPLACEMENT) && !bytes.subarray(start, end).equals(Buffer.from(text))) {
            throw this.malformed('a text that is not UTF-8');
        }
        return text;
    }

    /** Steps over a field of no interest, which may be a group of others. */
    skip(tag: number): void {
        if ((tag & 7) !== GROUP) {
            this.#skipOne(tag);
            return;
        }
        const open = [tag];
        while (open.length > 0) {
            const inner = this.tag();
            if ((inner & 7) === GROUP) {
                if (open.length === MAX_DEPTH) throw this.malformed('groups nested too deeply');
                open.push(inner);
            } else if ((inner & 7) === GROUP_END) {
                if (open.pop() !== inner - 1) throw this.malformed('the end of another group');
            } else this.#skipOne(inner);
        }
    }

    #skipOne(tag: number): void {
        switch (tag & 7) {
            case VARINT:
                this.varint();
                return;
            case 1:
                this.pos += 8;
                break;
            case BYTES:
                this.pos = this.messageEnd();
                return;
            case 5:
                this.pos += 4;
                break;
            default:
                throw this.malformed(`a field of wire type ${tag & 7}`);
        }
        if (this.pos > this.bytes.length) throw this.malformed('the end comes too early');
    }
}
