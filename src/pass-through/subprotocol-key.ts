/**
 * Browsers cannot set headers on a WebSocket, so OpenAI takes the key as a subprotocol:
 * https://platform.openai.com/docs/guides/realtime-websocket
 */
const keyProtocol = 'openai-insecure-api-key.';
/** They name the account, which is the gateway's. */
const accountProtocols = ['openai-organization.', 'openai-project.'];

export interface OfferedProtocols {
  /** What may go on to the provider; empty for nothing. */
  readonly offered: string;
  /** The caller's key for the gateway. */
  readonly key: string | undefined;
}

/** Takes the caller's credential out of the subprotocols it offers. */
export function splitProtocols(header: string): OfferedProtocols {
  const protocols = header.split(',').map((protocol) => protocol.trim());
  const secret = [keyProtocol, ...accountProtocols];
  return {
    offered: protocols.filter((name) => name !== '' && !secret.some((prefix) => name.startsWith(prefix))).join(', '),
    key: protocols.find((name) => name.startsWith(keyProtocol))?.slice(keyProtocol.length),
  };
}
