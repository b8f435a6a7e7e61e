import { createSecureContext } from "node:tls";
import * as grpc from "@grpc/grpc-js";
import { authoritiesOf, pairOf, type Pem } from "../credentials/settings.ts";

/** How the server at the other end is verified, and what we prove ourselves with. */
export interface ClientTls {
  /** Authorities that the server's certificate is checked against; those that come with Node unless given. */
  readonly ca?: Pem | readonly Pem[];
  /** Our certificate with its chain, for mutual TLS. */
  readonly cert?: Pem;
  /** The certificate's private key. */
  readonly key?: Pem;
  /** The name that the server's certificate must bear; the host that is dialled unless given. */
  readonly serverName?: string;
}

/** TLS settings, or where to get them: a function is asked anew for every connection, so rotated files are taken up. */
export type ClientTlsSource = ClientTls | (() => ClientTls | Promise<ClientTls>);

/**
 * The credentials for one connection: plaintext without settings.
 * @throws Error that says which setting can't be used, and why.
 */
export function channelCredentials(tls: ClientTls | undefined): grpc.ChannelCredentials {
  if (tls === undefined) return grpc.credentials.createInsecure();
  const { ca, cert, key } = tls;
  if ((cert === undefined) !== (key === undefined)) throw new Error("a certificate and its key are given together");
  const context = createSecureContext({
    minVersion: "TLSv1.2",
    ...(ca === undefined ? {} : { ca: authoritiesOf(ca) }),
    ...(cert === undefined || key === undefined ? {} : pairOf({ cert, key })),
  });
  return grpc.credentials.createFromSecureContext(context);
}
