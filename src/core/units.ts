import { z } from 'zod';

const durationUnits = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const sizeUnits = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 } as const;

/** A duration as the configuration writes it: `"500ms"`, `"30s"`, `"5m"`, `"1h"`, `"7d"`. */
export type Duration = `${number}${keyof typeof durationUnits}`;

/** A size as the configuration writes it: `"256mb"`. Units are powers of 1024. */
export type Size = `${number}${keyof typeof sizeUnits}`;

/** A duration in milliseconds. Bare numbers are refused: nobody can tell seconds from milliseconds. */
export const duration = quantity('duration', '"30s", "500ms", "5m"', durationUnits);

/** A size in bytes. */
export const size = quantity('size', '"10mb", "512kb"', sizeUnits);

function quantity(what: string, examples: string, units: Readonly<Record<string, number>>) {
  const form = new RegExp(`^(\\d+(?:\\.\\d+)?)\\s*(${Object.keys(units).join('|')})$`, 'i');
  return z.unknown().transform((value, context): number => {
    const match = typeof value === 'string' ? form.exec(value.trim()) : null;
    const unit = units[match?.[2]?.toLowerCase() ?? ''];
    if (match === null || unit === undefined) {
      context.addIssue({ code: 'custom', message: `must be a ${what} with its unit, such as ${examples}` });
      return z.NEVER;
    }
    return Math.round(Number(match[1]) * unit);
  });
}
