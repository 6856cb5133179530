declare module 'express4' {
  const express: typeof import('express');
  export = express;
}

declare module 'compression' {
  const compression: (options?: { readonly threshold?: number }) => import('express').RequestHandler;
  export = compression;
}
