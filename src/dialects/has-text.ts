/** Whether a text has anything but white space. Several APIs answer 400 to blocks of text that have not. */
export function hasText(text: string): boolean {
  return /\S/.test(text);
}
