import { createHash } from 'node:crypto';

/**
 * The signature of a thinking block: opaque to clients, who must send text and signature back unchanged. Derived from
 * the text, so that a changed one is found out.
 */
export function signThinking(thinking: string): string {
  const digest = createHash('sha256').update(`fake provider: ${thinking}`).digest();
  return `Eq${Buffer.concat([digest, digest]).toString('base64')}`;
}
