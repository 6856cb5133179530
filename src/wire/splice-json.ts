import type { JsonMember, RequestBody } from '../core/request-body.ts';

/** New JSON text for a member's value, or `undefined` to remove the member. */
export type Splice = readonly [key: string, value: string | undefined];

const CLOSE_BRACE = 0x7d;

/**
 * Changes top-level members of a JSON object's text and leaves every other byte as it is: big integers, `1.0`, key
 * order and spacing survive. A member that does not stand in the text is appended.
 */
export function spliceJson(bytes: Buffer, members: readonly JsonMember[], splices: readonly Splice[]): Buffer {
  const [only] = splices;
  if (only === undefined) return bytes;
  if (splices.length === 1 && only[1] !== undefined) {
    const member = members.find(({ key }) => key === only[0]);
    if (member !== undefined) return replaceValue(bytes, member, only[1]);
  }
  return spliceSeveral(bytes, members, splices);
}

/** The same for a request: on its bytes where they were kept, else on what the app has parsed, written out again. */
export function spliceBody({ json, bytes, members }: RequestBody, splices: readonly Splice[]): Buffer | string {
  if (bytes !== undefined && members !== undefined) return spliceJson(bytes, members, splices);
  const changes = new Map(splices);
  const written = Object.entries(json).map(([key, value]): Splice => {
    return changes.has(key) ? [key, changes.get(key)] : [key, JSON.stringify(value)];
  });
  const added = splices.filter(([key]) => !Object.hasOwn(json, key));
  const texts = [...written, ...added].flatMap(([key, value]) =>
    value === undefined ? [] : [`${JSON.stringify(key)}:${value}`],
  );
  return `{${texts.join(',')}}`;
}

/** The most frequent change, the model's name, without the bookkeeping of several. */
function replaceValue(bytes: Buffer, { valueStart, end }: JsonMember, value: string): Buffer {
  const length = Buffer.byteLength(value);
  const spliced = Buffer.allocUnsafe(valueStart + length + bytes.length - end);
  bytes.copy(spliced, 0, 0, valueStart);
  spliced.write(value, valueStart);
  bytes.copy(spliced, valueStart + length, end);
  return spliced;
}

function spliceSeveral(bytes: Buffer, members: readonly JsonMember[], splices: readonly Splice[]): Buffer {
  const changes = new Map(splices);
  const parts: Buffer[] = [];
  let position = 0;
  let kept = 0;
  for (const [index, member] of members.entries()) {
    if (!changes.has(member.key)) {
      kept += 1;
      continue;
    }
    const value = changes.get(member.key);
    changes.delete(member.key);
    if (value !== undefined) {
      parts.push(bytes.subarray(position, member.valueStart), Buffer.from(value));
      position = member.end;
      kept += 1;
    } else {
      const next = members[index + 1];
      // With the comma before it when something stays in front, with the one behind it otherwise.
      const previousEnd = members[index - 1]?.end;
      if (kept > 0 && previousEnd !== undefined) {
        parts.push(bytes.subarray(position, Math.max(position, previousEnd)));
        position = member.end;
      } else {
        parts.push(bytes.subarray(position, member.start));
        position = next?.start ?? member.end;
      }
    }
  }
  const added = [...changes].flatMap(([key, value]) =>
    value === undefined ? [] : [`${JSON.stringify(key)}:${value}`],
  );
  if (added.length === 0) return Buffer.concat([...parts, bytes.subarray(position)]);
  const close = bytes.lastIndexOf(CLOSE_BRACE);
  const text = (kept > 0 ? ',' : '') + added.join(',');
  return Buffer.concat([...parts, bytes.subarray(position, close), Buffer.from(text), bytes.subarray(close)]);
}
