/** Takes structured lines; pino, console-like and most other loggers fit. */
export interface Logger {
    debug(fields: object, message: string): void;
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
}

const nothing = (): void => undefined;

/** Logs nothing. */
export const silentLogger: Logger = {
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: nothing,
};
