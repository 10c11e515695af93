import { BinaryReader } from 'google-protobuf';

type ReadMessage = BinaryReader['readMessage'];

/** The length of the message that begins at `at`, and where it begins; nothing if it is cut off. */
function announced(
    bytes: Uint8Array,
    at: number,
): { readonly length: number; readonly start: number } | undefined {
    let length = 0;
    for (let index = 0; index < 10; index++) {
        const byte = bytes[at + index];
        if (byte === undefined) return undefined;
        length += (byte & 0x7f) * 2 ** (7 * index);
        if (byte < 0x80) return { length, start: at + index + 1 };
    }
    return undefined;
}

let bounded = false;

/**
 * Makes the protocol's reader refuse a message within a message that says to be longer than the bytes
 * there are. It would read on past their end otherwise, up to four billion times: a few bytes from
 * anybody would hold up the whole process. Well-formed messages are read as before.
 */
export function boundProtocolReader(): void {
    if (bounded) return;
    bounded = true;
    const reader = BinaryReader.prototype;
    const unbounded = Reflect.get<BinaryReader, 'readMessage'>(reader, 'readMessage');
    const readMessage = function (
        this: BinaryReader,
        ...args: Parameters<ReadMessage>
    ): ReturnType<ReadMessage> {
        const bytes = this.getBuffer();
        const found = announced(bytes, this.getCursor());
        if (found === undefined || found.length > bytes.length - found.start) {
            throw new RangeError('A protocol message ends before a message within it does.');
        }
        unbounded.apply(this, args);
    };
    Reflect.set(reader, 'readMessage', readMessage);
}
