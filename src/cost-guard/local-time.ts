/** A day of the calendar, without a time. */
export interface LocalDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31; beyond the month's end it means a day of the next. */
  readonly day: number;
}

/** A time zone's calendar. Instants are milliseconds since 1970. */
export interface Zone {
  /** Minutes that local clocks are ahead of UTC. */
  offsetAt(instant: number): number;
}

const minute = 60_000;
const day = 86_400_000;

/** @throws RangeError for a name the platform does not know */
export function zoneOf(timezone: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return {
    offsetAt(instant) {
      const fields: Record<string, number> = {};
      for (const { type, value } of format.formatToParts(instant)) fields[type] = Number(value);
      const { year = 0, month = 1, day: date = 1, hour = 0, minute: minutes = 0, second = 0 } = fields;
      const local = Date.UTC(year, month - 1, date, hour, minutes, second);
      return Math.round((local - Math.floor(instant / 1_000) * 1_000) / minute);
    },
  };
}

/** What the calendar shows at an instant. */
export function localDateAt(zone: Zone, instant: number): LocalDate {
  const local = new Date(instant + zone.offsetAt(instant) * minute);
  return { year: local.getUTCFullYear(), month: local.getUTCMonth() + 1, day: local.getUTCDate() };
}

/**
 * The first instant of a day. That is not midnight where clocks are put forward at midnight: such a day begins at one,
 * when the day before has ended.
 */
export function startOfDay(zone: Zone, { year, month, day: date }: LocalDate): number {
  const midnight = Date.UTC(year, month - 1, date);
  const offsets = [zone.offsetAt(midnight - day), zone.offsetAt(midnight + day)];
  const candidates = offsets.map((offset) => midnight - offset * minute);
  const begun = candidates.filter((instant) => instant + zone.offsetAt(instant) * minute >= midnight);
  return Math.min(...(begun.length > 0 ? begun : candidates));
}

/** `2026-03-29T00:00:00+01:00`. */
export function isoWithOffset(zone: Zone, instant: number): string {
  const offset = zone.offsetAt(instant);
  const local = new Date(instant + offset * minute).toISOString().slice(0, 19);
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  return `${local}${offset < 0 ? '-' : '+'}${twoDigits(hours)}:${twoDigits(minutes)}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
