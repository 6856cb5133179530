import { aigwAuth } from 'ai-gateway-middleware/kong';

export const { Plugin, Schema, Version, Priority, Name } = aigwAuth;
