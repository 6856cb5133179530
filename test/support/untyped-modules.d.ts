// Packages that the tests use and that bring no types.
declare module 'express4' {
  import express from 'express';
  export default express;
}

declare module 'compression' {
  import type { RequestHandler } from 'express';
  export default function compression(): RequestHandler;
}
