const units = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

type Unit = keyof typeof units;

const form = /^([1-9]\d{0,14}) (requests?|tokens?) per (second|minute|hour|day)$/i;

/** How a plan is written, for error messages. */
export const planForm = '"100 requests per hour" or "20000 tokens per minute"';

/** A plan as a measure; `undefined` for anything else. */
export function parsePlan(
  text: string,
): { readonly measure: 'requests' | 'tokens'; readonly amount: number; readonly windowMs: number } | undefined {
  const [, amount, measure, unit] = form.exec(text.trim().toLowerCase()) ?? [];
  if (amount === undefined || measure === undefined || unit === undefined || !isUnit(unit)) return undefined;
  return {
    measure: measure.startsWith('request') ? 'requests' : 'tokens',
    amount: Number(amount),
    windowMs: units[unit],
  };
}

function isUnit(text: string): text is Unit {
  return Object.hasOwn(units, text);
}
