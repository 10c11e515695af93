import {
    Channel,
    Client,
    credentials,
    status as Grpc,
    type connectivityState,
    type ChannelInterface,
    type ClientOptions,
    type InterceptingListener,
} from '@grpc/grpc-js';

type Call = ReturnType<ChannelInterface['createCall']>;
type CallArguments = Parameters<ChannelInterface['createCall']>;

/** When a connection is taken to be dead. */
export interface Patience {
    /** How long nothing may come while a call waits for its answer, before the other side is asked. @default 3000 */
    readonly quietMs?: number;
    /** The same while only streams are open, which may have nothing to say. @default 30000 */
    readonly idleMs?: number;
    /** How long it may then take to answer, before the connection is given up. @default 5000 */
    readonly answerMs?: number;
    /** Told of each connection that was given up. */
    readonly onSilent?: () => void;
}

/** No server has it, and each says so at once, without looking at who asks. */
const questionPath = '/goodput.Connection/Alive';

/** What the library itself ends a call with; anything else has come from the other side. */
const ownStatuses: ReadonlySet<Grpc> = new Set([
    Grpc.CANCELLED,
    Grpc.DEADLINE_EXCEEDED,
    Grpc.UNAVAILABLE,
]);

/** Looks in the shortest of the waits: each ends at most that part of it late. */
const looksInWait = 6;

interface Waiting {
    /** Looks that may pass before the silence is looked into. */
    readonly patience: number;
    /** The look it began with: what was silent before says nothing. */
    readonly since: number;
}

/**
 * A channel that notices when its connection has gone silent, and makes a new one.
 *
 * A connection can be dead without anybody being told: a firewall forgets it, a machine loses power,
 * the other side accepts it and never speaks, or Node itself misses its end (after two writes into a
 * connection just reset, its TLS stops reading). gRPC would find out by keepalive after minutes, and
 * of a connection still being made, never. So when calls wait and nothing at all comes in, the other
 * side is asked something that anybody can answer. Without an answer the calls end as `UNAVAILABLE`,
 * and those that follow get a new connection.
 */
export class WatchedChannel implements ChannelInterface {
    readonly #make: () => ChannelInterface;
    readonly #patience: Required<Patience>;
    readonly #lookMs: number;
    readonly #calls = new Map<Call, Waiting>();
    #channel: ChannelInterface;
    #timer: NodeJS.Timeout | undefined;
    /**
     * Time is counted in looks. Whatever has arrived is read between two of them, so a process that
     * was held up itself does not blame the connection.
     */
    #look = 0;
    #heardAt = 0;
    #question: { readonly at: number; cancel(): void } | undefined;

    /** @param make - makes a channel that shares its connection with no other */
    constructor(make: () => ChannelInterface, patience: Patience = {}) {
        const nobody = (): void => undefined;
        const defaults = { quietMs: 3_000, idleMs: 30_000, answerMs: 5_000, onSilent: nobody };
        this.#make = make;
        this.#patience = { ...defaults, ...patience };
        const { quietMs, idleMs, answerMs } = this.#patience;
        this.#lookMs = Math.min(quietMs, idleMs, answerMs) / looksInWait;
        this.#channel = make();
    }

    createCall(...args: CallArguments): Call {
        const call = this.#channel.createCall(...args);
        const [, deadline] = args;
        // Streams have no deadline.
        const patienceMs = deadline === Infinity ? this.#patience.idleMs : this.#patience.quietMs;
        const start = call.start.bind(call);
        call.start = (metadata, listener) => {
            this.#watch(call, patienceMs);
            start(metadata, this.#listening(call, listener));
        };
        return call;
    }

    close(): void {
        this.#rest();
        this.#channel.close();
    }

    getTarget(): string {
        return this.#channel.getTarget();
    }

    getConnectivityState(tryToConnect: boolean): connectivityState {
        return this.#channel.getConnectivityState(tryToConnect);
    }

    watchConnectivityState(...args: Parameters<ChannelInterface['watchConnectivityState']>): void {
        this.#channel.watchConnectivityState(...args);
    }

    getChannelzRef(): ReturnType<ChannelInterface['getChannelzRef']> {
        return this.#channel.getChannelzRef();
    }

    #listening(call: Call, listener: InterceptingListener): InterceptingListener {
        return {
            onReceiveMetadata: (metadata) => {
                this.#heard();
                listener.onReceiveMetadata(metadata);
            },
            onReceiveMessage: (message) => {
                this.#heard();
                listener.onReceiveMessage(message);
            },
            onReceiveStatus: (status) => {
                if (!ownStatuses.has(status.code)) this.#heard();
                this.#forget(call);
                listener.onReceiveStatus(status);
            },
        };
    }

    #watch(call: Call, patienceMs: number): void {
        this.#calls.set(call, { patience: this.#looksIn(patienceMs), since: this.#look });
        this.#timer ??= setInterval(() => {
            this.#lookAround();
        }, this.#lookMs).unref();
    }

    #forget(call: Call): void {
        this.#calls.delete(call);
        if (this.#calls.size === 0) this.#rest();
    }

    #rest(): void {
        clearInterval(this.#timer);
        this.#timer = undefined;
        this.#heard();
    }

    #heard(): void {
        this.#heardAt = this.#look;
        const question = this.#question;
        this.#question = undefined;
        question?.cancel();
    }

    #looksIn(ms: number): number {
        return Math.ceil(ms / this.#lookMs);
    }

    #lookAround(): void {
        this.#look += 1;
        if (this.#question === undefined) {
            if (this.#tooQuiet()) this.#ask();
        } else if (this.#look - this.#question.at > this.#looksIn(this.#patience.answerMs)) {
            this.#renew();
        }
    }

    #tooQuiet(): boolean {
        for (const { patience, since } of this.#calls.values()) {
            if (this.#look - Math.max(since, this.#heardAt) > patience) return true;
        }
        return false;
    }

    #ask(): void {
        const asker = new Client(this.getTarget(), credentials.createInsecure(), {
            channelOverride: this.#channel,
        });
        const same = (bytes: Buffer): Buffer => bytes;
        // Also that it cannot be reached is an answer: then gRPC knows, and connects again by itself.
        const answered = (): void => {
            if (this.#question === question) this.#heard();
        };
        const call = asker.makeUnaryRequest(questionPath, same, same, Buffer.alloc(0), answered);
        const question = {
            at: this.#look,
            cancel: () => {
                call.cancel();
            },
        };
        this.#question = question;
    }

    #renew(): void {
        const dead = this.#channel;
        const calls = [...this.#calls.keys()];
        this.#rest();
        this.#calls.clear();
        this.#channel = this.#make();
        const target = this.getTarget();
        for (const call of calls) {
            call.cancelWithStatus(Grpc.UNAVAILABLE, `The connection to ${target} went silent.`);
        }
        dead.close();
        this.#patience.onSilent();
    }
}

/**
 * gRPC options that make a connection notice when it has gone silent, and renew it.
 *
 * @example
 * ```ts no-run
 * import { dial, loadNetwork, watchSilence } from '@goodput/network';
 *
 * const client = dial(loadNetwork('profile.json').peer(), watchSilence());
 * client.close();
 * ```
 */
export function watchSilence(patience?: Patience): ClientOptions {
    return {
        channelFactoryOverride: (address, channelCredentials, options) => {
            // Connections are shared among channels alike: a renewed one would get the dead one back.
            const own = { ...options, 'grpc.use_local_subchannel_pool': 1 };
            return new WatchedChannel(
                () => new Channel(address, channelCredentials, own),
                patience,
            );
        },
    };
}
