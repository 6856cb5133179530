/** Form Mistral asks of tool-call ids: https://docs.mistral.ai/api/ (error 3280). */
const nineAlphanumerics = /^[a-zA-Z0-9]{9}$/;

export function isNineAlphanumerics(id: string): boolean {
  return nineAlphanumerics.test(id);
}

/**
 * Maps ids to nine letters and digits: the same id to the same result in every request, so that calls and their results
 * agree and prompts stay cacheable; different ids of one request never to the same.
 */
export function nineAlphanumericIds(): (id: string) => string {
  const mapped = new Map<string, string>();
  const taken = new Set<string>();
  return (id) => {
    let short = mapped.get(id);
    if (short === undefined) {
      short = isNineAlphanumerics(id) ? id : hashedId(id);
      for (let round = 1; taken.has(short); round += 1) short = hashedId(`${id}#${round}`);
      mapped.set(id, short);
      taken.add(short);
    }
    return short;
  };
}

/** An id for a call whose provider gave none: the same for the same call, however often the answer is read. */
export function generatedCallId(answerId: string, choice: number, index: number): string {
  return `call_${hashedId(`${answerId}/${choice}/${index}`)}`;
}

/**
 * Ids of calls in the form OpenAI used before tools (`function_call`). The form has no id; this prefix tells the encoder
 * to give the call back in the form it came in.
 */
const legacyPrefix = 'function_call_';

export function legacyCallId(position: number): string {
  return `${legacyPrefix}${position}`;
}

export function isLegacyCallId(id: string): boolean {
  return id.startsWith(legacyPrefix);
}

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Nine digits to base 62 of a 64-bit hash (two rounds of FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/). */
function hashedId(text: string): string {
  let hash = (BigInt(fnv1a(text, 0x811c9dc5)) << 32n) | BigInt(fnv1a(text, 0x050c5d1f));
  let id = '';
  for (let place = 0; place < 9; place += 1) {
    id += digits.charAt(Number(hash % 62n));
    hash /= 62n;
  }
  return id;
}

function fnv1a(text: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
