import { outside } from './outsider.js';

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

/** A logger of the application, which must not disturb what it writes about. */
export function outsideLogger(logger: Logger): Logger {
    const what = 'The logger';
    return {
        debug: outside(what, logger.debug.bind(logger)),
        info: outside(what, logger.info.bind(logger)),
        warn: outside(what, logger.warn.bind(logger)),
        error: outside(what, logger.error.bind(logger)),
    };
}
