import { bedrockConverse } from '../../../src/dialects/bedrock-converse/index.ts';
import { dialectContract } from '../contract.ts';
import { samples } from './samples.ts';

dialectContract('bedrock-converse', () => bedrockConverse(), samples);
