import { createHash } from 'node:crypto';

/**
 * The signature of a reasoning text: opaque to clients, who must send both back unchanged. Derived from the text, so that
 * a changed one is found out.
 */
export function signReasoning(text: string): string {
  return createHash('sha512').update(`fake bedrock: ${text}`).digest('base64');
}
