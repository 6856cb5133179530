/** Ids of tool calls as the API takes them. https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview */
const accepted = /^[a-zA-Z0-9_-]{1,64}$/;
const maxLength = 64;

/**
 * Ids of one request's tool calls on the wire. Ids the API accepts stay as they are; any other gets a name made of its
 * accepted characters and a hash, the same for the call and its result and never the same for two ids.
 */
export class ToolIds {
  readonly #wireIds = new Map<string, string>();
  readonly #taken = new Set<string>();

  wireId(id: string): string {
    const known = this.#wireIds.get(id);
    if (known !== undefined) return known;
    const wireId = accepted.test(id) && !this.#taken.has(id) ? id : this.#madeUp(id);
    this.#taken.add(wireId);
    this.#wireIds.set(id, wireId);
    return wireId;
  }

  #madeUp(id: string): string {
    const hash = hashOf(id);
    const readable = id.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, maxLength - hash.length - 1);
    let wireId = `${readable}_${hash}`;
    for (let attempt = 2; this.#taken.has(wireId); attempt += 1) wireId = `${hash}_${attempt}`;
    return wireId;
  }
}

/** FNV-1a, 32 bits, in base 36. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}
