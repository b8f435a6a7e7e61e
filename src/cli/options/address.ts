/** Where a server listens: a TCP port (an empty host means every interface, port 0 a free one) or a Unix socket. */
export type ListenAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

const tcp = /^(?:\[([0-9A-Fa-f:.%]+[0-9A-Za-z]*)\]|([^[\]:/\s]*)):(\d{1,5})$/u;

/** Reads `tcp://host:port`, `unix:///path` or a bare `host:port`; undefined if the text is none of them. */
export function parseAddress(text: string): ListenAddress | undefined {
  const [, scheme = "tcp", rest = ""] = /^(?:(.*?):\/\/)?(.*)$/su.exec(text) ?? [];
  if (scheme === "unix") return rest === "" ? undefined : { kind: "unix", path: rest };
  const match = scheme === "tcp" ? tcp.exec(rest) : null;
  if (match === null) return undefined;
  const port = Number(match[3]);
  return port > 65_535 ? undefined : { kind: "tcp", host: match[1] ?? match[2] ?? "", port };
}

/** The address with its scheme, as `parseAddress` reads it. */
export function formatAddress(address: ListenAddress): string {
  if (address.kind === "unix") return `unix://${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `tcp://${host}:${address.port}`;
}

/** Whether only processes of this machine can reach the address. Names other than `localhost` are not looked up. */
export function isLoopback(address: ListenAddress): boolean {
  if (address.kind === "unix") return true;
  return address.host === "localhost" || address.host === "::1" || /^127(?:\.\d{1,3}){3}$/u.test(address.host);
}
