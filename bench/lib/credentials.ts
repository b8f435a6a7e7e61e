import { issue } from "../../src/grpc/testing/certificates.ts";

/** What one side of a mutual TLS connection needs, in PEM. */
export interface PemCredentials {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Fresh credentials of a server and of its sinks (ECDSA P-256), by one authority. */
export function makeCredentials(): { readonly server: PemCredentials; readonly sink: PemCredentials } {
  const authority = issue({ name: "authority", authority: true });
  const server = issue({ name: "galley", issuer: authority, dns: ["localhost"] });
  const sink = issue({ name: "sink", issuer: authority, uris: ["spiffe://cluster.local/ns/istio-system/sa/pilot"] });
  return {
    server: { ca: authority.cert, cert: server.cert, key: server.key },
    sink: { ca: authority.cert, cert: sink.cert, key: sink.key },
  };
}
