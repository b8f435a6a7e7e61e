import { lstat, unlink } from "node:fs/promises";
import { connect, type Server } from "node:net";
import { formatAddress, type Address } from "./address.ts";

/**
 * Connections that may wait to be accepted. After a restart all sinks come back at once, and Node's default of 511 has the
 * system drop the rest, to be tried again seconds later. The system cuts the number to what it allows.
 */
const BACKLOG = 65_535;

/**
 * Listens, and gives the address with the port that the system chose. A unix socket that a dead process left behind is
 * replaced; one that still answers is not.
 * @throws Error that names the address and the reason.
 */
export async function bind(server: Server, address: Address): Promise<Address> {
  try {
    await listenOn(server, address);
  } catch (error) {
    const code = codeOf(error);
    if (address.kind !== "unix" || code !== "EADDRINUSE" || !(await isAbandoned(address.path)))
      throw refusal(address, error);
    await unlink(address.path);
    await listenOn(server, address);
  }
  const bound = server.address();
  if (bound === null || typeof bound === "string") return address;
  return { kind: "tcp", host: bound.address, port: bound.port };
}

function listenOn(server: Server, address: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.off("error", reject);
      resolve();
    });
    if (address.kind === "unix") server.listen({ path: address.path, backlog: BACKLOG });
    // Without a host Node takes every interface, IPv6 included where there is any.
    else if (address.host === "") server.listen({ port: address.port, backlog: BACKLOG });
    else server.listen({ port: address.port, host: address.host, backlog: BACKLOG });
  });
}

async function isAbandoned(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats?.isSocket() !== true) return false;
  return await new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(false);
    });
    probe.once("error", (error) => resolve(codeOf(error) === "ECONNREFUSED"));
  });
}

const reasons = {
  tcp: {
    EADDRINUSE: "it is in use by another process",
    EACCES: "this process may not use it (ports below 1024 need a privilege)",
    EADDRNOTAVAIL: "no interface of this machine has that address",
    ENOTFOUND: "the host name is not known",
  },
  unix: {
    EADDRINUSE: "it is in use by another process, or is a file of another kind",
    // Node says the same of a folder that doesn't exist.
    EACCES: "its folder does not exist, or this process may not write there",
  },
} as const satisfies Record<Address["kind"], Readonly<Record<string, string>>>;

function refusal(address: Address, cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  const code = codeOf(cause) ?? "";
  const known: Readonly<Record<string, string>> = reasons[address.kind];
  const why = known[code] === undefined ? message : `${known[code]} (${code})`;
  return new Error(`cannot listen on ${formatAddress(address)}: ${why}`, { cause });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
