/** The version Kong is told; that of the package. */
export const pluginVersion = '0.1.0';
