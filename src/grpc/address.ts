import { isIPv6 } from "node:net";

/** Where a server listens. The host is empty for every interface. */
export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** The verdict on the text of an address. */
export type ParsedAddress =
  | { readonly ok: true; readonly address: Address }
  | {
      readonly ok: false;
      /** What is wrong, in a sentence that quotes the text. */
      readonly reason: string;
      /** The same for where the text stands already. */
      readonly why: string;
    };

/** Linux keeps 108 bytes for the path of a socket, one of them for the closing zero. */
const MAX_UNIX_PATH_BYTES = 107;

/**
 * Reads `tcp://host:port`, `host:port` or `unix:///path`. An empty host, as in `:9901`, means every interface, as in Go;
 * an IPv6 host stands in brackets; port 0 lets the system choose.
 */
export function parseAddress(text: string): ParsedAddress {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text);
  if (scheme === null) return parseTcp(text, text);
  const rest = scheme[2]!;
  switch (scheme[1]!.toLowerCase()) {
    case "tcp":
      return parseTcp(rest, text);
    case "unix":
      return parseUnix(rest, text);
    default:
      return bad(text, `the scheme ${scheme[1]} is not known: use tcp:// or unix://`);
  }
}

/** The text that `parseAddress` would read back as the same address. */
export function formatAddress(address: Address): string {
  return address.kind === "unix" ? `unix://${address.path}` : `tcp://${hostPort(address.host, address.port)}`;
}

/** As `formatAddress`, without the scheme where it is TCP: what people write down, and clients dial. */
export function plainAddress(address: Address): string {
  return address.kind === "unix" ? formatAddress(address) : hostPort(address.host, address.port);
}

/** `host:port`, with brackets round an IPv6 host. */
export function hostPort(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

function parseTcp(rest: string, text: string): ParsedAddress {
  const match = /^(?:\[([^\]]*)\]|([^:[\]/\s]*)):(\d{1,5})$/.exec(rest);
  if (match === null) return bad(text, "it is not of the form host:port (an IPv6 host stands in brackets)");
  const [, bracketed, plain, digits] = match;
  if (bracketed !== undefined && !isIPv6(bracketed)) return bad(text, `${bracketed} is not an IPv6 address`);
  const port = Number(digits);
  if (port > 65_535) return bad(text, `the port ${digits} is beyond 65535`);
  return { ok: true, address: { kind: "tcp", host: bracketed ?? plain ?? "", port } };
}

function parseUnix(path: string, text: string): ParsedAddress {
  if (!path.startsWith("/"))
    return bad(text, "the path of a unix socket must be absolute, as in unix:///run/galley.sock");
  if (path.includes("\0")) return bad(text, "the path holds a NUL character");
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_UNIX_PATH_BYTES)
    return bad(text, `the path has ${bytes} bytes, and the system takes ${MAX_UNIX_PATH_BYTES} at most for a socket`);
  return { ok: true, address: { kind: "unix", path } };
}

function bad(text: string, why: string): ParsedAddress {
  return { ok: false, reason: `${JSON.stringify(text)} is not an address: ${why}`, why };
}
