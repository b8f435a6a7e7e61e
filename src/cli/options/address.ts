import { type Address, formatAddress, parseAddress as parse } from "../../grpc/address.ts";

export { formatAddress };

/** Where a server listens. */
export type ListenAddress = Address;

/** Reads `tcp://host:port`, `unix:///path` or a bare `host:port`; undefined if the text is none of them. */
export function parseAddress(text: string): ListenAddress | undefined {
  const parsed = parse(text);
  return parsed.ok ? parsed.address : undefined;
}

/** Whether only processes of this machine can reach the address. Names other than `localhost` are not looked up. */
export function isLoopback(address: ListenAddress): boolean {
  if (address.kind === "unix") return true;
  return address.host === "localhost" || address.host === "::1" || /^127(?:\.\d{1,3}){3}$/u.test(address.host);
}
