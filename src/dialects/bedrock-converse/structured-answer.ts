/**
 * A tool that stands for the answer itself, for models that take a schema for tools but none for their answer. It is put
 * into the request where a schema is wanted, and what is called by this name is read as text.
 */
export const structuredAnswerTool = 'gateway__give_the_answer_as_json';
