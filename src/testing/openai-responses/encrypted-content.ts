import { createHash } from 'node:crypto';

/**
 * The encrypted content of a reasoning item: opaque to clients, who must send it back unchanged. Derived from the item's
 * id, so that a changed one is found out.
 */
export function encryptedContent(id: string): string {
  const digest = createHash('sha256').update(`fake provider: ${id}`).digest();
  return `gAAAAAB${Buffer.concat([digest, digest]).toString('base64url')}==`;
}
