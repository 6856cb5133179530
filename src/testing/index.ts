export type { RecordedCall, WallStats } from './call-log.ts';
export { type FakeProvider, type FakeProviderOptions, startFakeProvider } from './fake-provider.ts';
export { type FaultDefinition, type FaultName, faultTable } from './fault-table.ts';
export { FaultSyntaxError } from './parse-faults.ts';
export type { Prompt } from './prompt.ts';
export type { ScriptedAnswer, ScriptedBytes, ScriptedReply } from './script.ts';
