/** US dollars as a number, for JSON. */
export function usdOf(nanoUsd: number): number {
  return nanoUsd / 1e9;
}

/** US dollars in plain decimals, exact and without an exponent: `0.000123456`. */
export function usdText(nanoUsd: number | bigint): string {
  const digits = nanoUsd.toString().padStart(10, '0');
  const fraction = digits.slice(-9).replace(/0+$/, '');
  return `${digits.slice(0, -9)}${fraction === '' ? '' : `.${fraction}`}`;
}
