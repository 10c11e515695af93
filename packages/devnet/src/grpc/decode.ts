/** A protobuf message class. */
export interface MessageClass<T> {
    deserializeBinary(bytes: Uint8Array): T;
}

/** Bytes that are not the protobuf message they should be; the message is what a peer answers. */
export class UndecodableMessage extends Error {
    override readonly name = 'UndecodableMessage';
}

/**
 * Decodes a protobuf message, or throws {@link UndecodableMessage} in a peer's words.
 *
 * @param what - the message's name
 */
export function decode<T>(type: MessageClass<T>, bytes: Uint8Array, what: string): T {
    try {
        return type.deserializeBinary(bytes);
    } catch (cause) {
        throw new UndecodableMessage(
            `error unmarshalling ${what}: proto: cannot parse invalid wire-format data`,
            { cause },
        );
    }
}
