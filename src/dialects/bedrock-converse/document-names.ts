/** Letters, digits, single spaces, hyphens, parentheses and square brackets by the reference, and underscores in fact. */
const accepted = /^[a-zA-Z0-9()[\]_-]+(?: [a-zA-Z0-9()[\]_-]+)*$/;
const maxLength = 200;

/**
 * Names of one request's documents on the wire. Each document needs one of its own; a name the API takes stays as it is.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html
 */
export class DocumentNames {
  readonly #taken = new Set<string>();

  wireName(filename: string | undefined): string {
    const wanted = filename !== undefined && accepted.test(filename) ? filename.slice(0, maxLength) : cleaned(filename);
    let name = wanted;
    for (let number = 2; this.#taken.has(name); number += 1) name = `${wanted} ${number}`;
    this.#taken.add(name);
    return name;
  }
}

/** The ending goes, because the format says it; whatever else is not taken becomes a space. */
function cleaned(filename = ''): string {
  const base = filename.replace(/\.[a-zA-Z]{2,4}$/, '');
  const name = base
    .replace(/[^a-zA-Z0-9()[\]-]+/g, ' ')
    .trim()
    .slice(0, maxLength)
    .trimEnd();
  return name === '' ? 'document' : name;
}
