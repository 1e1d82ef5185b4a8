// Node's TLS, which takes longer to load than a request over plain HTTP does: `loadTls` of http-engine.ts loads it.
export { Agent, request } from "node:https";
export { connect, createSecureContext } from "node:tls";
