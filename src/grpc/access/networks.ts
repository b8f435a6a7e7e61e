import { BlockList, isIP } from "node:net";
import type { Peer } from "../method.ts";
import { allowed, type AccessVerdict } from "./list.ts";

/** The verdict on the text of a list of networks. */
export type ParsedNetworks =
  | { readonly ok: true; readonly networks: Networks }
  | { readonly ok: false; readonly reason: string };

/** The networks of this machine itself. */
export const thisMachine: readonly string[] = ["127.0.0.0/8", "::1/128"];

/** Peers that may connect by where they connect from. */
export class Networks {
  readonly #list = new BlockList();

  /** @param networks each read by `readNetwork` */
  constructor(networks: readonly Network[]) {
    for (const { address, bits, family } of networks) this.#list.addSubnet(address, bits, family);
  }

  /** Judges a peer by its address. Whoever reaches a unix socket was let in by the file system. */
  judge({ address }: Pick<Peer, "address">): AccessVerdict {
    if (address === "unix" || this.#has(hostOf(address))) return allowed;
    return { allowed: false, why: "network", reason: "the peer's address is in none of the allowed networks" };
  }

  #has(host: string): boolean {
    // How a socket that listens on `::` sees peers over IPv4.
    const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/iu.exec(host)?.[1];
    if (mapped !== undefined) return this.#list.check(mapped, "ipv4");
    const version = isIP(host);
    return version !== 0 && this.#list.check(host, version === 4 ? "ipv4" : "ipv6");
  }
}

interface Network {
  readonly address: string;
  readonly bits: number;
  readonly family: "ipv4" | "ipv6";
}

/** Reads networks, each `address/bits` or one address alone. */
export function parseNetworks(texts: readonly string[]): ParsedNetworks {
  const networks: Network[] = [];
  for (const text of texts) {
    const network = readNetwork(text.trim());
    if (network === undefined) {
      const shown = JSON.stringify(text.slice(0, 100));
      return { ok: false, reason: `${shown} is not a network such as 10.0.0.0/8 or fd00::/8, nor an address` };
    }
    networks.push(network);
  }
  return { ok: true, networks: new Networks(networks) };
}

function readNetwork(text: string): Network | undefined {
  const [, address = "", digits] = /^([^/%]+)(?:\/(\d{1,3}))?$/u.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const most = version === 4 ? 32 : 128;
  const bits = digits === undefined ? most : Number(digits);
  return bits > most ? undefined : { address, bits, family: version === 4 ? "ipv4" : "ipv6" };
}

/** The host of `ip:port` or `[ip]:port`. */
function hostOf(address: string): string {
  const end = address.lastIndexOf(":");
  return address.slice(0, end < 0 ? address.length : end).replace(/^\[|\]$/gu, "");
}
