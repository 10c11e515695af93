import { BenchError } from '../errors.js';
import type { Random } from './random.js';

/** Hours of a day's clock, e.g. 23 to 7 through the night; a part of a role's people works them. */
export interface Shift {
    readonly fromHour: number;
    readonly toHour: number;
    /** Which part of the role's people, against those of its other shifts. */
    readonly share: number;
}

/** People who do the same kind of work. */
export interface Role {
    readonly name: string;
    /** How many of them, against the other roles. */
    readonly headcount: number;
    /** Mean pause of such a person between two operations, in minutes of the day. */
    readonly thinkMinutes: number;
    readonly shifts: readonly Shift[];
}

/** Who is at work over a day. */
export interface Population {
    readonly roles: readonly Role[];
    /** How long those who leave and those who come are both there, in minutes of the day. */
    readonly handoverMinutes: number;
    /** How many times faster people act while they hand over. */
    readonly handoverPace: number;
}

/** Who acts, and whether it is while taking over or handing over. */
export interface Actor {
    readonly person: string;
    readonly role: string;
    /** The person's number within the role: a place to hang a ward or a desk on. */
    readonly number: number;
    readonly handover?: 'arriving' | 'leaving';
}

/** One operation of one person. */
export interface Act extends Actor {
    /** From the start of the run, in milliseconds. */
    readonly atMs: number;
}

/** How a day is scaled to a run. */
export interface DayLoad {
    /** Operations a second over the whole day, on average: it decides how many people there are. */
    readonly ratePerSecond: number;
    /** How long the run is into which the day is compressed. */
    readonly durationMs: number;
}

/** A day: who acts when, and how many people of each role there are. */
export interface Day {
    readonly acts: readonly Act[];
    readonly people: Readonly<Record<string, number>>;
}

/** Most operations of one day; each is kept in memory. */
export const MAX_ACTS_A_DAY = 5_000_000;

const DAY_MINUTES = 24 * 60;

function refuse(message: string): never {
    throw new BenchError('BENCH_SCHEDULE_INVALID', message);
}

function lengthMinutes({ fromHour, toHour }: Shift): number {
    return ((toHour - fromHour + 24) % 24 || 24) * 60;
}

/** Refuses a day that cannot be planned. Throws `BENCH_SCHEDULE_INVALID`. */
export function checkDay(population: Population, { ratePerSecond, durationMs }: DayLoad): void {
    const { roles, handoverMinutes, handoverPace } = population;
    if (roles.length === 0) refuse('A population needs at least one role.');
    if (!(handoverMinutes >= 0 && handoverPace >= 1)) {
        refuse(
            `A handover lasts 0 minutes or more at a pace of 1 or more; got ${handoverMinutes} and ${handoverPace}.`,
        );
    }
    for (const { name, headcount, thinkMinutes, shifts } of roles) {
        if (!(headcount > 0 && thinkMinutes > 0 && shifts.length > 0)) {
            refuse(`The role "${name}" needs a headcount and a think time above 0, and a shift.`);
        }
        for (const shift of shifts) {
            const hours = [shift.fromHour, shift.toHour];
            if (hours.every((hour) => hour >= 0 && hour <= 24) && shift.share > 0) {
                if (2 * handoverMinutes < lengthMinutes(shift) && hours[0] !== hours[1]) continue;
            }
            refuse(
                `A shift of "${name}" must lie between hours 0 and 24, have a share above 0 and be longer than two handovers; got ${JSON.stringify(shift)}.`,
            );
        }
    }
    if (!(ratePerSecond > 0 && durationMs > 0)) {
        refuse(
            `A day needs a rate and a length above 0; got ${ratePerSecond}/s, ${durationMs} ms.`,
        );
    }
    const acts = (ratePerSecond * durationMs) / 1000;
    if (acts > MAX_ACTS_A_DAY) {
        refuse(
            `A day has at most ${MAX_ACTS_A_DAY} operations; ${Math.round(acts)} were asked for.`,
        );
    }
}

/** The parts of a person's presence: taking over, working, handing over to those who come. */
function stretches(shift: Shift, { handoverMinutes, handoverPace }: Population) {
    const length = lengthMinutes(shift);
    return [
        { from: 0, to: handoverMinutes, pace: handoverPace, handover: 'arriving' },
        { from: handoverMinutes, to: length, pace: 1, handover: undefined },
        { from: length, to: length + handoverMinutes, pace: handoverPace, handover: 'leaving' },
    ] as const;
}

/** Operations that one person of a role is expected to do in a shift. */
function expectedActs(role: Role, shift: Shift, population: Population): number {
    return stretches(shift, population).reduce(
        (sum, { from, to, pace }) => sum + ((to - from) * pace) / role.thinkMinutes,
        0,
    );
}

/** People of one role and shift; the last of a crew is always somebody. */
interface Crew {
    readonly role: Role;
    readonly shift: Shift;
    readonly count: number;
}

function crewsOf(population: Population, wantedActs: number): Crew[] {
    const parts = population.roles.flatMap((role) => {
        const shares = role.shifts.reduce((sum, { share }) => sum + share, 0);
        return role.shifts.map((shift) => ({
            role,
            shift,
            people: (role.headcount * shift.share) / shares,
        }));
    });
    const acts = parts.reduce(
        (sum, { role, shift, people }) => sum + people * expectedActs(role, shift, population),
        0,
    );
    return parts.map(({ role, shift, people }) => ({
        role,
        shift,
        count: Math.max(1, Math.round((people * wantedActs) / acts)),
    }));
}

/**
 * Plans a day: every person of every role comes to a shift, thinks, acts, hands over and leaves. The number
 * of people follows from the rate; what rounding them to whole persons leaves over is made up by the pace.
 * Pauses are exponential about the role's think time, so that the day as a whole is no metronome.
 *
 * Operations are due when they are due, whatever becomes of those before (an open loop).
 */
export function planDay(population: Population, load: DayLoad, random: Random): Day {
    checkDay(population, load);
    const wantedActs = (load.ratePerSecond * load.durationMs) / 1000;
    const crews = crewsOf(population, wantedActs);
    const planned = crews.reduce(
        (sum, { role, shift, count }) => sum + count * expectedActs(role, shift, population),
        0,
    );
    const pace = wantedActs / planned;
    const msPerMinute = load.durationMs / DAY_MINUTES;
    const acts: Act[] = [];
    const people: Record<string, number> = {};
    for (const { role, shift, count } of crews) {
        for (let each = 0; each < count; each++) {
            const number = people[role.name] ?? 0;
            people[role.name] = number + 1;
            const person = `${role.name}${number}`;
            const own = random.fork(person);
            for (const { from, to, pace: hurry, handover } of stretches(shift, population)) {
                const mean = role.thinkMinutes / (hurry * pace);
                const pause = (): number => -Math.log(1 - own.next()) * mean;
                for (let at = from + pause(); at < to; at += pause()) {
                    const minute = (shift.fromHour * 60 + at) % DAY_MINUTES;
                    const atMs = minute * msPerMinute;
                    const who = { atMs, person, role: role.name, number };
                    acts.push(handover === undefined ? who : { ...who, handover });
                }
            }
        }
    }
    acts.sort((a, b) => a.atMs - b.atMs || (a.person < b.person ? -1 : 1));
    return { acts, people };
}

/** Callers of a closed loop as persons: so many of each role as its headcount says, think times in proportion. */
export function callersOf(
    population: Population,
    callers: number,
): readonly (Actor & { readonly relativeThinkTime: number })[] {
    const total = population.roles.reduce((sum, { headcount }) => sum + headcount, 0);
    const meanThink = population.roles.reduce(
        (sum, { headcount, thinkMinutes }) => sum + (headcount / total) * thinkMinutes,
        0,
    );
    const counts = new Map<string, number>();
    return Array.from({ length: callers }, (_, caller) => {
        // The middle of the caller's place on a scale on which every role has its headcount.
        let place = ((caller + 0.5) / callers) * total;
        const role =
            population.roles.find(({ headcount }) => (place -= headcount) < 0) ??
            population.roles.at(-1) ??
            refuse('A population needs at least one role.');
        const number = counts.get(role.name) ?? 0;
        counts.set(role.name, number + 1);
        return {
            person: `${role.name}${number}`,
            role: role.name,
            number,
            relativeThinkTime: role.thinkMinutes / meanThink,
        };
    });
}
