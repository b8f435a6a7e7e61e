import { GalleyError } from "../../lib/errors.ts";
import { parseAddress } from "../options/address.ts";

/** Where the introspection port of a server is. */
export interface AdminAddress {
  readonly host: string;
  readonly port: number;
}

/** The flag that names the server to ask. */
export const adminOption = {
  name: "admin",
  short: "a",
  kind: "text",
  default: "127.0.0.1:9876",
  metavar: "HOST:PORT",
  group: "Connection",
  doc: "Introspection port of the server, its --ctrlz-port.",
} as const;

/** Reads `host:port`, also with `http://` before it; throws `GalleyError` if it is neither. */
export function parseAdmin(text: string): AdminAddress {
  const address = parseAddress(text.replace(/^http:\/\//u, "").replace(/\/$/u, ""));
  if (address?.kind === "tcp" && address.port > 0) return { host: address.host || "127.0.0.1", port: address.port };
  throw new GalleyError("GLY_VALUE", `--admin=${text}: expected HOST:PORT`, {
    hint: `for a server on this machine that is ${adminOption.default}`,
  });
}

/** `host:port`, as messages name it. */
export function formatAdmin({ host, port }: AdminAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
