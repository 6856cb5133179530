import { z } from 'zod';
import type { Environment } from '../../core/environment.ts';
import { ConfigurationError } from '../../core/errors.ts';
import { parseOptions } from '../../core/options.ts';

/** Who may make keys at run time, and how those are kept. */
export interface GatewayAdmin {
  /**
   * The key that opens the admin routes, at least 16 characters. Without it there are none.
   * @default `GATEWAY_ADMIN_KEY`
   */
  readonly key?: string;
  /**
   * What keys made at run time are hashed with, at least 32 characters; it must stay the same as long as they do. Needed
   * where they are kept in a database or in Redis.
   * @default `GATEWAY_KEY_SECRET`; without it, and where keys live in memory, random bytes
   */
  readonly keySecret?: string;
}

export interface ResolvedAdmin {
  readonly key: string | undefined;
  readonly keySecret: string | undefined;
}

const key = z.string('must be a text').min(16, 'must have at least 16 characters');
const secret = z.string('must be a text').min(32, 'must have at least 32 characters');
const schema = z
  .strictObject({ key: key.optional(), keySecret: secret.optional() })
  .refine(
    (admin) => admin.key !== undefined || admin.keySecret !== undefined,
    'must hold a "key", the one that opens the admin routes; or leave the section out',
  );

/**
 * The section `admin`, or what the environment says in its place. A variable that is set to nothing is a secret that was
 * forgotten, and is refused.
 *
 * @throws ConfigurationError naming the key or variable and the fix; never the secret
 */
export function resolveAdmin(written: GatewayAdmin | undefined, environment: Environment): ResolvedAdmin {
  const given = written === undefined ? undefined : parseOptions(schema, written, 'admin');
  return {
    key: given?.key ?? fromEnvironment('GATEWAY_ADMIN_KEY', key, environment),
    keySecret: given?.keySecret ?? fromEnvironment('GATEWAY_KEY_SECRET', secret, environment),
  };
}

function fromEnvironment(name: string, form: z.ZodString, environment: Environment): string | undefined {
  const value = environment[name];
  if (value === undefined) return undefined;
  const parsed = form.safeParse(value.trim());
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(`${name} ${parsed.error.issues[0]?.message ?? 'is not valid'}, or unset it`);
}
