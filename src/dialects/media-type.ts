/** The registered name of a media type. `image/jpg` is what many callers write, and providers answer 400 to it. */
export function registeredMediaType(name: string): string {
  return name === 'image/jpg' ? 'image/jpeg' : name;
}
