import type { Refusal } from '../personality.ts';

/** A 400 in OpenAI's form. */
export function invalid(message: string, details: { readonly param?: string; readonly code?: string } = {}): Refusal {
  return { status: 400, message, ...details };
}
