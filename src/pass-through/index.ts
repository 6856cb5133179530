export { chooseInstance, reachableInstances } from './choose-instance.ts';
export {
  credentialHeader,
  forwardHeaders,
  handshakeAnswer,
  handshakeHeaders,
  returnHeaders,
} from './forward-headers.ts';
export {
  type PassThroughOptions,
  type PassThroughSettings,
  passThroughSettingsSchema,
  type RealtimeSettings,
  type ResolvedPassThroughSettings,
  resolvePassThroughSettings,
} from './options.ts';
export { type PassagePlan, type PassagePlanner, planPassage, providerHeader } from './passage-plan.ts';
export { PassageRecord } from './passage-record.ts';
export { type PassageLimit, PassageWatch } from './passage-watch.ts';
export { defaultPaths } from './path-family.ts';
export { isRedirectStatus, providerError, readProviderFault } from './provider-error.ts';
export { looksPassable } from './request-path.ts';
export { splitProtocols } from './subprotocol-key.ts';
export { closeFrame, FrameWalker } from './websocket-frames.ts';
