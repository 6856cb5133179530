/** The process's environment variables, or a stand-in for them. */
export type Environment = Readonly<Record<string, string | undefined>>;
