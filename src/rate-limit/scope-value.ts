import { hash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Call } from '../core/call.ts';
import type { LimitScope } from '../core/limit-rule.ts';

/** Longer values are told apart by their digest. */
const longest = 200;
const plain = /^[\w.-]{1,200}$/;

/** No encoded value looks like this: behind a percent sign stand two digits there. */
const nobody = '%anonymous';

/**
 * A value as a part of a counter's key: ASCII, at most 200 characters, never with a colon, and another one for another
 * value.
 */
export function keyPart(value: string | undefined): string {
  if (value === undefined || value === '') return nobody;
  if (plain.test(value)) return value;
  const encoded = value.isWellFormed() ? encodeURIComponent(value) : undefined;
  if (encoded !== undefined && encoded.length <= longest) return encoded;
  // As JSON, where half a surrogate pair is written out: UTF-8 has one replacement for all of them.
  return `%digest-${hash('sha256', JSON.stringify(value), 'base64url')}`;
}

/** Whom a call is counted with; `undefined` when the rule does not apply to it. */
export function scopeValue(call: Call, scope: LimitScope, model: string | undefined): string | undefined {
  const { caller } = call;
  switch (scope) {
    case 'key':
      return keyPart(caller.keyId);
    case 'user':
    case 'team':
    case 'project':
      return keyPart(caller[scope]);
    case 'model':
      return model === undefined ? undefined : keyPart(model);
    case 'ip':
      return keyPart(addressGroup(call.head.peer ?? ''));
    case 'global':
      return '';
    case 'provider':
      return undefined;
  }
}

/** Who has one IPv6 address has 2^64 of them (RFC 6177, section 2): they are counted as one. */
export function addressGroup(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [withoutZone = ''] = address.toLowerCase().split('%');
  const [front = '', back] = withoutZone.split('::');
  const start = front === '' ? [] : front.split(':');
  const end = back === undefined || back === '' ? [] : back.split(':');
  // An IPv4 tail stands for two groups.
  const tail = end.at(-1)?.includes('.') || start.at(-1)?.includes('.') ? 1 : 0;
  const zeros = back === undefined ? 0 : Math.max(0, 8 - start.length - end.length - tail);
  const groups = [...start, ...Array.from({ length: zeros }, () => '0'), ...end];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
