/** `galley`: sinks, clients over xDS and servers, the errors, and what is known of collections. */
export { type ErrorCode, errorTable, GalleyError } from "../lib/errors.ts";
export * from "./server.ts";
export * from "./sink.ts";
export * from "./xds.ts";
