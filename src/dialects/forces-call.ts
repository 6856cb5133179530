import type { ToolChoice } from './canonical.ts';

/** Whether the model has to call a tool, whichever it is. Several models cannot be held to that while they think. */
export function forcesCall(choice: ToolChoice | undefined): boolean {
  return choice?.type === 'required' || choice?.type === 'tool';
}
