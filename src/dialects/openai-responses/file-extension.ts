const extensions: Readonly<Record<string, string>> = {
  'text/plain': 'txt',
  'text/markdown': 'md',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
};

/** The usual ending of the name of a file of this media type. */
export function fileExtension(mediaType: string): string {
  const known = Object.hasOwn(extensions, mediaType) ? extensions[mediaType] : undefined;
  return known ?? mediaType.slice(mediaType.indexOf('/') + 1).replace(/[^a-z0-9]/gi, '');
}
