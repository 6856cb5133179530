/**
 * A pattern in which `*` stands for any characters. No regular expression: what is compared comes from callers, and this
 * is linear in its length.
 */
export function compilePattern(pattern: string): (text: string) => boolean {
  const [start = '', ...rest] = pattern.split('*');
  const end = rest.pop();
  if (end === undefined) return (text) => text === pattern;
  return (text) => {
    if (text.length < start.length + end.length || !text.startsWith(start) || !text.endsWith(end)) return false;
    const limit = text.length - end.length;
    let position = start.length;
    for (const part of rest) {
      const found = text.indexOf(part, position);
      if (found === -1 || found + part.length > limit) return false;
      position = found + part.length;
    }
    return true;
  };
}
