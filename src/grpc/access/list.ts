import type { Peer } from "../method.ts";
import { few } from "./few.ts";

/** Who may connect: those on an `allow` list and nobody else, or everybody but those on a `block` list. */
export interface AccessList {
  readonly kind: "allow" | "block";
  /** Compared whole and exactly with the URIs of a certificate. */
  readonly ids: ReadonlySet<string>;
}

/** Everybody whose certificate is verified. */
export const everyone: AccessList = { kind: "block", ids: new Set() };

/**
 * Why a peer may not be served.
 * - `plaintext`: it came without TLS.
 * - `unverified`: it showed no certificate that the authorities vouch for.
 * - `not-allowed`: it is not on the list of those who may connect.
 * - `blocked`: it is on the list of those who may not.
 * - `network`: it connects from a network that is not allowed.
 */
export type AccessRefusal = "plaintext" | "unverified" | "not-allowed" | "blocked" | "network";

/** Whether a peer may be served. The reason is for the peer and for the log. */
export type AccessVerdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly why: AccessRefusal; readonly reason: string };

export const allowed: AccessVerdict = { allowed: true };

/**
 * Judges a peer by what its own certificate says. Only URIs count: a DNS or e-mail name that reads like a listed identity
 * is none, and neither is what a certificate of its issuers says.
 */
export function judgePeer(list: AccessList, { tls }: Peer): AccessVerdict {
  if (tls === undefined) return deny("plaintext", "denying by default: no auth info found");
  if (!tls.authorized) return deny("unverified", "denying by default: the certificate is not verified");
  const listed = tls.uris.find((uri) => list.ids.has(uri));
  if (list.kind === "allow") {
    return listed === undefined
      ? deny("not-allowed", "no allowed identity found in peer's authentication info")
      : allowed;
  }
  return listed === undefined ? allowed : deny("blocked", `id is blacklisted: ${listed}`);
}

/** Whether two lists judge every peer alike. */
export function sameList(a: AccessList, b: AccessList): boolean {
  return a.kind === b.kind && a.ids.size === b.ids.size && [...a.ids].every((id) => b.ids.has(id));
}

/** The list in a few words, for the log. */
export function describeList({ kind, ids }: AccessList): string {
  const count = `${ids.size} ${ids.size === 1 ? "identity" : "identities"}`;
  if (kind === "block") return ids.size === 0 ? "every verified sink" : `every verified sink but ${count}`;
  return ids.size === 0 ? "nobody" : `${count} and nobody else`;
}

/** What one list says and another said otherwise, for the log. `undefined` where there is nothing to tell. */
export interface ListChange {
  /** Whom the list before admitted, if it was of the other kind: what it named meant the opposite. */
  readonly before: string | undefined;
  /** Identities that are named now and were not, the first few. */
  readonly added: string | undefined;
  /** Identities that are no longer named, the first few. */
  readonly removed: string | undefined;
}

/** How a list differs from the one before. */
export function listChange(before: AccessList, now: AccessList): ListChange {
  return {
    before: before.kind === now.kind ? undefined : describeList(before),
    added: few([...now.ids].filter((id) => !before.ids.has(id))) || undefined,
    removed: few([...before.ids].filter((id) => !now.ids.has(id))) || undefined,
  };
}

function deny(why: AccessRefusal, reason: string): AccessVerdict {
  return { allowed: false, why, reason };
}
