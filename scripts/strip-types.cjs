// Jest's transform: Node's own type stripping keeps every line and column where it was, so stack traces need no source map.
const { stripTypeScriptTypes } = require('node:module');

module.exports = { process: (source) => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }) };
