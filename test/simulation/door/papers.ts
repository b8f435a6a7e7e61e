import { issue, type Certificate } from "../../../src/grpc/testing/certificates.ts";

/** Who signs: two that the operator moves between, and one whom no server ever trusts. */
export const issuers = ["first", "second", "foreign"] as const;

export type Issuer = (typeof issuers)[number];

/** What a sink shows in the handshake. */
export interface Paper {
  readonly issuer: Issuer;
  readonly uri: string;
}

/** Sinks that a world may have, each with an identity of its own. */
const SINKS = 4;

const authorities = byIssuer((name) => issue({ name: `the ${name} authority`, authority: true }));

/** What servers prove themselves with, by who signed it. */
export const serverPairs: Readonly<Record<Issuer, Certificate>> = byIssuer((name) =>
  issue({ name: `a server, says the ${name}`, issuer: authorities[name], dns: ["galley"] }),
);

/** The identities of all sinks. */
export const identities: readonly string[] = Array.from({ length: SINKS }, (_, i) => `spiffe://mesh/sink${i}`);

/** The certificate of an authority, in PEM. */
export function authorityPem(issuer: Issuer): string {
  return authorities[issuer].cert;
}

function byIssuer<T>(make: (issuer: Issuer) => T): Readonly<Record<Issuer, T>> {
  return { first: make("first"), second: make("second"), foreign: make("foreign") };
}
