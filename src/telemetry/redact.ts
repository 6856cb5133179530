/** Returns the text without what must not be written down, cut to a length a log line can bear. */
export type Redactor = (text: string) => string;

const mark = '[redacted]';
const maxLength = 256;
/** Shorter texts hold nothing that these patterns find. */
const minLength = 12;
/** Texts known to be clean: names of models and people come with every call. */
const maxKnown = 500;

/** Keys by the prefixes their issuers give them, so that they can be found; JSON web tokens. */
const issuedKey =
  /\b(?:sk|pk|rk|csk|xai|pplx|nvapi|glpat|xox[abprs])-[\w-]{10,}|\b(?:sk|pk|rk|gsk|hf|r8|fw|gh[pousr]|tgp_v1)_\w{10,}|\bAIza[\w-]{20,}|\bA[KS]IA[A-Z0-9]{12,}|\bya29\.[\w-]{10,}|\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g;
const authorization = /\b(?:bearer|basic)\s+[\w.~+/=-]{6,}/gi;
const assignment = /\b(api[-_ ]?key|token|secret|password|authorization)(["']?\s*[:=]\s*["']?)[^\s"',;&]+/gi;
const url = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>]+/gi;
/** A long run of letters and digits mixed: keys without a prefix look like this, names of models and people do not. */
const opaque = /\b(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{32,}\b/g;
const controlCharacter = /\p{Cc}/gu;

/**
 * The one function everything passes that goes into a log. It finds what looks like a credential; texts of prompts and
 * answers look like anything and are kept out by never being given to it.
 *
 * @param extra texts and patterns to black out as well
 */
export function createRedactor(extra: readonly (string | RegExp)[] = []): Redactor {
  const patterns = extra.map(toPattern);
  const clean = new Set<string>();
  return (text) => {
    if (clean.has(text)) return text;
    const result = redact(text, patterns);
    if (result === text) {
      if (clean.size >= maxKnown) clean.clear();
      clean.add(text);
    }
    return result;
  };
}

function redact(text: string, patterns: readonly RegExp[]): string {
  // Cut with a margin first: what a secret's cut-off rest would leave behind is then not shown either.
  let result = text.length > 2 * maxLength ? text.slice(0, 2 * maxLength) : text;
  for (const pattern of patterns) result = result.replace(pattern, mark);
  if (result.length >= minLength) result = withoutCredentials(result);
  if (result.length > maxLength) result = `${result.slice(0, maxLength)}...`;
  return result.replace(controlCharacter, ' ');
}

function withoutCredentials(text: string): string {
  return text
    .replace(url, withoutUrlSecrets)
    .replace(authorization, mark)
    .replace(assignment, `$1$2${mark}`)
    .replace(issuedKey, mark)
    .replace(opaque, mark);
}

/** Without user, password and query. */
function withoutUrlSecrets(found: string): string {
  const end = found.search(/[?#]/);
  const plain = end === -1 ? found : `${found.slice(0, end)}?${mark}`;
  const authority = found.indexOf('://') + 3;
  const path = plain.indexOf('/', authority);
  const at = plain.lastIndexOf('@', path === -1 ? plain.length : path);
  return at < authority ? plain : `${plain.slice(0, authority)}${mark}${plain.slice(at)}`;
}

function toPattern(extra: string | RegExp): RegExp {
  if (typeof extra === 'string') return new RegExp(extra.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'g');
  return new RegExp(extra.source, `${extra.flags.replace(/[gy]/g, '')}g`);
}
