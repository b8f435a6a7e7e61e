import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Whether an IP address can only be that of this machine. */
export function isLoopbackAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return loopback.check(address, "ipv4");
    case 6:
      return loopback.check(address, "ipv6") || isMappedLoopback(address);
    default:
      return false;
  }
}

/**
 * Whether the `Host` header names this machine, with or without a port. A page that a browser loaded from elsewhere keeps
 * its own name here even when that name was made to resolve to 127.0.0.1 (DNS rebinding).
 */
export function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = /^(\[[^\]]*\]|[^:[\]]*)(?::\d{1,5})?$/.exec(host)?.[1]?.toLowerCase();
  if (name === undefined) return false;
  return name === "localhost" || isLoopbackAddress(name.startsWith("[") ? name.slice(1, -1) : name);
}

// How a socket that listens on `::` sees peers over IPv4.
function isMappedLoopback(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped !== undefined && loopback.check(mapped, "ipv4");
}
