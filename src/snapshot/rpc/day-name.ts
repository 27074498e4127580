/** The dates of days: an answer names the same ones in every session, and making one takes longer than finding it. */
import { type DayNumber, formatDay } from '../zone.ts';

/** Eleven years of them. */
const MOST_NAMES = 4096;
const names = new Map<DayNumber, string>();

export function dayName(day: DayNumber): string {
  let name = names.get(day);
  if (name === undefined) {
    name = formatDay(day);
    if (names.size >= MOST_NAMES) names.clear();
    names.set(day, name);
  }
  return name;
}
