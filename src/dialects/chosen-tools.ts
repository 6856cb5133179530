import { asString } from '../core/json.ts';
import type { Tool, ToolChoice } from './canonical.ts';

/** The names of the tools a choice leaves; nothing when it leaves all of them. */
export function chosenNames(choice: ToolChoice | undefined): readonly string[] | undefined {
  switch (choice?.type) {
    case 'allowed':
    case 'required':
      return choice.names;
    case 'tool':
      return [choice.name];
    default:
      return undefined;
  }
}

/** The name of a function or of a provider's own tool; empty for tools that go without. */
export function toolName(tool: Tool): string {
  return tool.type === 'function' ? tool.name : (asString(tool.data.name) ?? '');
}
