import { digitsAt, threeDigits, twoDigits } from './digits.js';

/** Milliseconds of a day. */
export const DAY_MS = 86_400_000;

/** 0000-01-01T00:00:00.000Z, the earliest instant a key can hold. */
export const EARLIEST_MS = -62_167_219_200_000;

/** 9999-12-31T23:59:59.999Z, the latest instant a key can hold. */
export const LATEST_MS = 253_402_300_799_999;

/** Days since 1970-01-01 of a date in the proleptic Gregorian calendar. */
export function dayOf(year: number, month: number, day: number): number {
    // Counting years from March puts the leap day last, where it disturbs no month.
    const shifted = month > 2 ? year : year - 1;
    const era = Math.floor(shifted / 400);
    const yearOfEra = shifted - era * 400;
    const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
    const dayOfEra =
        yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
    return era * 146_097 + dayOfEra - 719_468;
}

/** A date by its days since 1970-01-01. */
export function dateOf(day: number): { year: number; month: number; day: number } {
    const shifted = day + 719_468;
    const era = Math.floor(shifted / 146_097);
    const dayOfEra = shifted - era * 146_097;
    const yearOfEra = Math.floor(
        (dayOfEra -
            Math.floor(dayOfEra / 1460) +
            Math.floor(dayOfEra / 36_524) -
            Math.floor(dayOfEra / 146_096)) /
            365,
    );
    const dayOfYear =
        dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
    const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
    const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
    return {
        year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
        month,
        day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
    };
}

/** Writes instants as digits; neighbouring keys mostly share their minute, so its text is kept. */
export interface InstantWriter {
    /** 17 digits: `YYYYMMDDHHMMSSmmm`. */
    write(ms: number): string;
    /** Digits from 000 to 999. */
    readonly three: readonly string[];
}

const minuteMs = 60_000;
const minutesPerDay = 1440;

function instantWriter(two: readonly string[], three: readonly string[]): InstantWriter {
    const twoAt = (value: number): string => two[value] ?? '';
    let lastMinute = Number.NaN;
    let lastText = '';

    function minuteText(minute: number): string {
        const day = Math.floor(minute / minutesPerDay);
        const ofDay = minute - day * minutesPerDay;
        const hour = Math.floor(ofDay / 60);
        const date = dateOf(day);
        const century = Math.floor(date.year / 100);
        return (
            twoAt(century) +
            twoAt(date.year - century * 100) +
            twoAt(date.month) +
            twoAt(date.day) +
            twoAt(hour) +
            twoAt(ofDay - hour * 60)
        );
    }
    return {
        three,
        write(ms) {
            const minute = Math.floor(ms / minuteMs);
            if (minute !== lastMinute) {
                lastText = minuteText(minute);
                lastMinute = minute;
            }
            const rest = (ms - minute * minuteMs) | 0;
            const second = (rest / 1000) | 0;
            return lastText + (twoAt(second) + (three[rest - second * 1000] ?? ''));
        },
    };
}

/** Earlier instants sort first. */
export const ascendingInstants = instantWriter(twoDigits, threeDigits);

/** Every digit taken from nine, so that later instants sort first. */
export const descendingInstants = instantWriter(twoDigits.toReversed(), threeDigits.toReversed());

let lastDate = Number.NaN;
let lastDay = Number.NaN;

/** Days since 1970 of a date written YYYYMMDD, or NaN; the last is kept, as keys come day by day. */
function readDay(yearMonthDay: number): number {
    if (yearMonthDay === lastDate) return lastDay;
    const year = Math.floor(yearMonthDay / 10_000);
    const month = Math.floor(yearMonthDay / 100) % 100;
    const date = yearMonthDay % 100;
    if (!(month >= 1 && month <= 12)) return Number.NaN;
    const day = dayOf(year, month, date);
    const monthEnds = month === 12 ? dayOf(year + 1, 1, 1) : dayOf(year, month + 1, 1);
    if (!(date >= 1 && day < monthEnds)) return Number.NaN;
    lastDate = yearMonthDay;
    lastDay = day;
    return day;
}

/** The instant that 17 digits write, or NaN when they are not a date and time of the calendar. */
export function readInstant(text: string): number {
    const day = readDay(digitsAt(text, 0, 8));
    const hours = digitsAt(text, 8, 10);
    const minutes = digitsAt(text, 10, 12);
    const seconds = digitsAt(text, 12, 14);
    const millis = digitsAt(text, 14, 17);
    if (!(hours <= 23 && minutes <= 59 && seconds <= 59)) return Number.NaN;
    return day * DAY_MS + ((hours * 60 + minutes) * 60 + seconds) * 1000 + millis;
}
