export { createAuth } from './auth.ts';
export { credentialHeaders } from './credential.ts';
export { hashKey } from './key-digest.ts';
export type { AuthKey, AuthKeyHash, AuthOptions, KeyOwner } from './options.ts';
