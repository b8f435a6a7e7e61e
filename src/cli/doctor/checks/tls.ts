import type { ConfigSource, TlsSettings } from "../config-sources.ts";
import { type Examined, isLoopbackHost } from "../examined.ts";
import type { Finding } from "../finding.ts";
import { holds, nameOf } from "../istiod.ts";
import { checkTlsSettings } from "./tls-settings.ts";

const SERVE_TLS =
  "Set mode: SIMPLE, with caCertificates or credentialName, and give Galley --xds-tls-cert-file and --xds-tls-key-file; istiod of 1.26 or later then verifies it. It shows no certificate itself: say with --xds-allow who may connect.";

/** What becomes of the TLS settings of each source (pilot/pkg/bootstrap/configcontroller.go, getTransportCredentials). */
export function checkTls(examined: Examined): readonly Finding[] {
  return examined.sources.flatMap((source) => checkSource(source, examined));
}

function checkSource(source: ConfigSource, examined: Examined): readonly Finding[] {
  const { address, tls } = source;
  const given = tls === undefined ? [] : givenFields(tls);
  if (address.kind !== "xds") {
    if (tls === undefined || address.kind === "unusable") return [];
    return [
      unused(tls, `a source of ${address.kind === "files" ? "files" : "the cluster"} has no connection to secure`),
    ];
  }
  switch (tls?.mode) {
    case "MUTUAL":
    case "ISTIO_MUTUAL":
      return [
        plaintextMode(
          tls,
          `${tls.mode} is a mode that ${nameOf(examined.istiod)} doesn't have for config sources: without a word it connects in plaintext.`,
        ),
      ];
    case "SIMPLE":
      return checkSimple(source.text, tls, examined);
    case "DISABLE":
    case undefined:
      if (tls !== undefined && given.length > 0) {
        if (tls.mode === "DISABLE") return [unused(tls, `mode is DISABLE, so ${given.join(", ")} mean nothing`)];
        return [
          plaintextMode(
            tls,
            `The mode is missing, which means DISABLE: istiod connects in plaintext, in spite of ${given.join(", ")}.`,
          ),
        ];
      }
      return isLoopbackHost(address.host) ? [] : [plaintext(source)];
  }
}

function plaintextMode(tls: TlsSettings, message: string): Finding {
  return { id: "tls-mode-plaintext", severity: "error", path: tls.modePath, message, remedy: SERVE_TLS };
}

function plaintext({ text, addressPath }: ConfigSource): Finding {
  return {
    id: "plaintext",
    severity: "warning",
    path: addressPath,
    message: `Without tlsSettings, what goes to and from ${text} is in plaintext: whoever is in between can read and change the configuration of the mesh.`,
    remedy: `${SERVE_TLS} A Galley beside istiod, at a loopback address, needs none of it.`,
  };
}

function unused(tls: TlsSettings, why: string): Finding {
  return {
    id: "tls-settings-unused",
    severity: "warning",
    path: tls.path,
    message: `istiod doesn't look at these TLS settings: ${why}.`,
    remedy: "Remove them, or correct the mode.",
  };
}

function checkSimple(text: string, tls: TlsSettings, examined: Examined): readonly Finding[] {
  const isTooOld = holds(examined.istiod, (release) => release.tls === "none");
  const old = isTooOld === "no" ? [] : [unsupported(tls, examined, isTooOld === "yes")];
  // An istiod without TLS doesn't look at the rest.
  return isTooOld === "yes" ? old : [...old, ...checkTlsSettings(text, tls, examined)];
}

function unsupported(tls: TlsSettings, { istiod }: Examined, isSure: boolean): Finding {
  const who = isSure ? `${nameOf(istiod)} doesn't have it, and` : "If istiod is older, it";
  return {
    id: "tls-unsupported",
    severity: isSure ? "error" : "warning",
    path: tls.modePath,
    message: `TLS for config sources came with istiod 1.26. ${who} connects in plaintext, without a word.`,
    remedy: isSure
      ? "Use istiod 1.26 or later, or run Galley beside istiod at a loopback address."
      : "Tell the release with --istio-version.",
  };
}

/** Names of the fields beside the mode that have a value. */
function givenFields(tls: TlsSettings): readonly string[] {
  const texts = ["clientCertificate", "privateKey", "caCertificates", "caCrl", "credentialName", "sni"] as const;
  return [
    ...texts.filter((key) => tls[key] !== ""),
    ...(tls.subjectAltNames.length > 0 ? ["subjectAltNames"] : []),
    ...(tls.insecureSkipVerify ? ["insecureSkipVerify"] : []),
  ];
}
