export { type BlackHole, type BlackHoleOptions, startBlackHole } from './black-hole.ts';
export type { RecordedCall, WallStats } from './call-log.ts';
export { type DemoOptions, type DemoProvider, type DemoProviders, startDemoProviders } from './demo-providers.ts';
export { type FakeProvider, type FakeProviderOptions, startFakeProvider } from './fake-provider.ts';
export { type FaultDefinition, type FaultName, faultTable } from './faults/fault-table.ts';
export { FaultSyntaxError } from './faults/parse-faults.ts';
export type { Prompt } from './speech/prompt.ts';
export type { ScriptedAnswer, ScriptedBytes, ScriptedReply } from './speech/script.ts';
