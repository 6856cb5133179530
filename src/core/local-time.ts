/** A day of the calendar, without a time. */
export interface LocalDate {
  readonly year: number;
  /** 1 to 12; beyond the year's end it means a month of the next. */
  readonly month: number;
  /** 1 to 31; beyond the month's end it means a day of the next. */
  readonly day: number;
}

/** A time zone's clock. Instants are milliseconds since 1970. */
export interface LocalClock {
  /** IANA name. */
  readonly zone: string;
  /** Milliseconds the zone is ahead of UTC at an instant. */
  offsetAt(instant: number): number;
  dateAt(instant: number): LocalDate;
  /** The first instant of a day; where a clock change skips midnight, the first that exists. */
  startOf(date: LocalDate): number;
  /** `2026-03-29T14:00:00+02:00` */
  format(instant: number): string;
}

/** `undefined` for a zone that does not exist. */
export function localClock(zone: string): LocalClock | undefined {
  const formatter = formatterOf(zone);
  if (formatter === undefined) return undefined;
  const offsetAt = (instant: number): number => {
    const whole = Math.floor(instant / 1000) * 1000;
    const parts = Object.fromEntries(formatter.formatToParts(whole).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - whole;
  };
  return {
    zone,
    offsetAt,
    dateAt(instant) {
      const local = new Date(instant + offsetAt(instant));
      return { year: local.getUTCFullYear(), month: local.getUTCMonth() + 1, day: local.getUTCDate() };
    },
    startOf({ year, month, day }) {
      const wanted = Date.UTC(year, month - 1, day);
      // Offsets change at most once around a midnight: the earlier of the two readings that is not before it.
      const candidates = [wanted - offsetAt(wanted - 86_400_000), wanted - offsetAt(wanted + 86_400_000)];
      const reached = candidates.filter((instant) => instant + offsetAt(instant) >= wanted);
      return Math.min(...(reached.length === 0 ? candidates : reached));
    },
    format(instant) {
      const offset = Math.round(offsetAt(instant) / 60_000);
      const minutes = Math.abs(offset);
      const sign = offset < 0 ? '-' : '+';
      const text = `${sign}${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
      return `${new Date(instant + offset * 60_000).toISOString().slice(0, 19)}${text}`;
    },
  };
}

function formatterOf(zone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US-u-ca-iso8601', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
}

/** A date some days (or months) later; days beyond the end of a month run into the next. */
export function addDays({ year, month, day }: LocalDate, days: number): LocalDate {
  return fromUtc(Date.UTC(year, month - 1, day + days));
}

export function mondayOf(date: LocalDate): LocalDate {
  const weekday = new Date(Date.UTC(date.year, date.month - 1, date.day)).getUTCDay();
  return addDays(date, -((weekday + 6) % 7));
}

function fromUtc(instant: number): LocalDate {
  const date = new Date(instant);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}
