declare module 'charwise' {
    export function encode(value: unknown): string;
    export function decode(text: string): unknown;
}

declare module 'bytewise' {
    export function encode(value: unknown): Buffer;
    export function decode(bytes: Buffer): unknown;
}

declare module 'lexicographic-integer' {
    export function pack(value: number, encoding: 'hex'): string;
    export function unpack(text: string, encoding?: 'hex'): number;
}
