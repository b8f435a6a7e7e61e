import { hostPort, parseAddress } from "../address.ts";

/**
 * The target that grpc-js dials for `host:port`, `tcp://host:port` or `unix:///path`. Without a host it is this machine.
 * @throws Error that says what is wrong with the address.
 */
export function dialTarget(text: string): string {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  const { address } = parsed;
  if (address.kind === "unix") return `unix:${address.path}`;
  if (address.port === 0) throw new Error(`${JSON.stringify(text)} can't be dialled: its port is 0`);
  return hostPort(address.host === "" ? "localhost" : address.host, address.port);
}
