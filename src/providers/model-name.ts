const longest = 256;

/** What the ids of the known providers are made of: `ft:gpt-4o:acme::1`, `@cf/meta/llama`, `claude-haiku-4-5@20251001`. */
const allowed = /^[A-Za-z0-9._:/@+~()-]+$/;

/**
 * Why a text cannot be a model's name, as the end of a sentence; `undefined` when it can. A name reaches request paths,
 * headers, logs and metrics, and may choose nothing but one of the configured targets: no URL, no path that climbs.
 */
export function modelNameProblem(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.length > longest) return `is longer than ${longest} characters`;
  if (name.includes('://')) return 'is a URL; a model is named as "provider/model" or "model"';
  if (!allowed.test(name))
    return 'has a character that no model name has; letters, digits and . _ : / @ + ~ ( ) - are taken';
  const segments = name.split('/');
  if (segments.includes('')) return 'has an empty part; it is written "provider/model" or "model"';
  if (segments.includes('.') || segments.includes('..')) return 'has a part that is only dots';
  return undefined;
}
