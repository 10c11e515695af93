import { DevnetError } from '../errors.js';

/** How often a request that did not get through is tried, and how long to wait in between at first. */
const ATTEMPTS = 4;
const FIRST_WAIT_MS = 125;

/** What CouchDB answered. */
export interface CouchAnswer {
    readonly status: number;
    readonly body: Readonly<Record<string, unknown>>;
}

/** Speaks HTTP with one CouchDB. */
export class CouchClient {
    readonly #base: string;
    readonly #headers: Readonly<Record<string, string>>;
    readonly user: string | undefined;

    constructor(url: string) {
        const { protocol, host, pathname, username, password } = new URL(url);
        const secret = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
        this.#base = `${protocol}//${host}${pathname.replace(/\/$/, '')}`;
        this.#headers = {
            'content-type': 'application/json',
            accept: 'application/json',
            ...(username === ''
                ? {}
                : { authorization: `Basic ${Buffer.from(secret).toString('base64')}` }),
        };
        this.user = username === '' ? undefined : decodeURIComponent(username);
    }

    /**
     * Sends a request, again if CouchDB cannot be reached or has an error of its own, as a peer does.
     * Answers below 500 are the caller's to judge.
     */
    async request(
        method: 'GET' | 'PUT' | 'POST' | 'DELETE',
        path: readonly string[],
        body?: unknown,
    ): Promise<CouchAnswer> {
        const url = `${this.#base}/${path.map(encodeURIComponent).join('/')}`;
        let problem: unknown;
        for (let attempt = 0, wait = FIRST_WAIT_MS; attempt < ATTEMPTS; attempt++, wait *= 2) {
            if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, wait));
            try {
                const response = await fetch(url, {
                    method,
                    headers: this.#headers,
                    ...(body === undefined ? {} : { body: textOf(body) }),
                });
                const answer = (await response.json()) as CouchAnswer['body'];
                if (response.status < 500) return { status: response.status, body: answer };
                problem = `${response.status} ${String(answer['error'])}: ${String(answer['reason'])}`;
            } catch (error) {
                problem = error;
            }
        }
        throw new DevnetError(
            'DEVNET_COUCHDB_FAILED',
            `CouchDB at ${this.#base} did not answer ${method} /${path.join('/')}: ` +
                `${describe(problem)}. Check that it runs and that the URL is right.`,
            { cause: problem },
        );
    }

    /** The same for requests that CouchDB has no reason to refuse. */
    async demand(
        method: 'GET' | 'PUT' | 'POST' | 'DELETE',
        path: readonly string[],
        body?: unknown,
        accepted: readonly number[] = [],
    ): Promise<CouchAnswer> {
        const answer = await this.request(method, path, body);
        if (answer.status < 400 || accepted.includes(answer.status)) return answer;
        const { error, reason } = answer.body;
        throw new DevnetError(
            'DEVNET_COUCHDB_FAILED',
            `CouchDB at ${this.#base} refused ${method} /${path.join('/')} with ` +
                `${answer.status} ${String(error)}: ${String(reason)}. ` +
                'Check the user, the password and the rights that go with them.',
        );
    }
}

/** Text goes as it is: an index file is sent in its author's own words. */
function textOf(body: unknown): string {
    return typeof body === 'string' ? body : JSON.stringify(body);
}

function describe(problem: unknown): string {
    if (!(problem instanceof Error)) return String(problem);
    return problem.cause instanceof Error ? problem.cause.message : problem.message;
}
