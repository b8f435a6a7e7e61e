import type { X509Certificate } from "node:crypto";
import type { ServerValues } from "../options/table.ts";

/**
 * The command that shows what a server serves, for somebody who sits at its machine.
 * @param address where it listens: `tcp://host:port` or `unix:///path`
 * @param certificate what it shows; plaintext without one
 */
export function watchHint(
  address: string,
  { caCertFile }: Pick<ServerValues, "caCertFile">,
  certificate: X509Certificate | undefined,
): string {
  const dialled = address.replace("tcp://", "");
  const flags = certificate === undefined ? plaintextFlags(dialled) : tlsFlags(dialled, caCertFile, certificate);
  return ["npx galley watch", ...flags].join(" ");
}

function plaintextFlags(dialled: string): readonly string[] {
  return dialled === "127.0.0.1:9901" ? [] : [`--server=${dialled}`];
}

/** Whoever is to be served brings a certificate of its own: in capitals is what only the reader knows. */
function tlsFlags(dialled: string, caCertFile: string, certificate: X509Certificate): readonly string[] {
  return [
    ...reachedAs(dialled, certificate),
    `--ca-cert-file=${quoted(caCertFile)}`,
    "--tls-cert-file=SINK.pem",
    "--tls-key-file=SINK-KEY.pem",
  ];
}

/** A certificate seldom bears the address that a server listens on. */
function reachedAs(dialled: string, certificate: X509Certificate): readonly string[] {
  const port = /^(?:127\.|0\.0\.0\.0:|\[::1?\]:|localhost:).*?(\d+)$/.exec(dialled)?.[1];
  if (port !== undefined && certificate.checkHost("localhost") !== undefined) return [`--server=localhost:${port}`];
  const name = /(?:^|, )DNS:([\w.-]+)(?:,|$)/.exec(certificate.subjectAltName ?? "")?.[1];
  return [`--server=${dialled}`, ...(name === undefined ? [] : [`--server-name=${name}`])];
}

function quoted(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
