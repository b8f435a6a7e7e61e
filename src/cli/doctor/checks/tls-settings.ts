import { isIP } from "node:net";
import type { TlsSettings } from "../config-sources.ts";
import type { Examined } from "../examined.ts";
import type { Finding } from "../finding.ts";

/** What becomes of the settings of mode SIMPLE, by an istiod that has it. @param text the address, for people */
export function checkTlsSettings(text: string, tls: TlsSettings, { document }: Examined): readonly Finding[] {
  return [
    // A running istiod has passed these, and shows the certificates of a secret as if they were written there.
    ...(document.isWritten ? [...conflicts(tls), ...notInline(tls)] : []),
    ...clientCertificate(tls),
    ...verification(text, tls),
    ...names(tls),
  ];
}

function conflicts(tls: TlsSettings): readonly Finding[] {
  const conflict = conflictOf(tls);
  if (conflict === undefined) return [];
  return [
    {
      id: "tls-settings-conflict",
      severity: "error",
      path: tls.path,
      message: `${conflict}: istiod ends at its start.`,
      remedy: "Keep one of the two.",
    },
  ];
}

/** What excludes what (istio/istio, pkg/config/validation/agent, ValidateTLS). */
function conflictOf(tls: TlsSettings): string | undefined {
  const { credentialName, insecureSkipVerify, subjectAltNames } = tls;
  if (credentialName !== "") {
    const others = ["clientCertificate", "privateKey", "caCertificates", "caCrl"] as const;
    const other = others.find((key) => tls[key] !== "");
    if (other !== undefined) return `credentialName and ${other} exclude each other`;
  }
  if (!insecureSkipVerify) return undefined;
  if (tls.caCertificates !== "") return "insecureSkipVerify and caCertificates exclude each other";
  if (credentialName !== "") return "insecureSkipVerify and credentialName exclude each other";
  return subjectAltNames.length > 0 ? "insecureSkipVerify and subjectAltNames exclude each other" : undefined;
}

function notInline({ path, credentialName, caCertificates }: TlsSettings): readonly Finding[] {
  if (credentialName !== "" || caCertificates === "" || caCertificates.includes("-----BEGIN CERTIFICATE-----"))
    return [];
  return [
    {
      id: "tls-ca-not-inline",
      severity: "error",
      path: [...path, "caCertificates"],
      message:
        "For a config source, caCertificates is the text of certificates in PEM, not the path of a file: istiod ends at its start.",
      remedy: "Put the certificates there, or name their secret in istiod's namespace with credentialName.",
    },
  ];
}

function clientCertificate({ path, clientCertificate, privateKey, credentialName }: TlsSettings): readonly Finding[] {
  // With credentialName it is a conflict, which is told already.
  if ((clientCertificate === "" && privateKey === "") || credentialName !== "") return [];
  return [
    {
      id: "tls-client-certificate-ignored",
      severity: "warning",
      path,
      message:
        "clientCertificate and privateKey are never used: istiod shows no certificate to a config source, so Galley can't know it by one.",
      remedy: "Remove them, and say with --xds-allow who may connect to Galley.",
    },
  ];
}

function verification(text: string, tls: TlsSettings): readonly Finding[] {
  if (tls.insecureSkipVerify) {
    return [
      {
        id: "tls-not-verified",
        severity: "warning",
        path: tls.path,
        message: `With insecureSkipVerify, istiod takes whatever certificate is shown at ${text}: whoever is in between can be Galley.`,
        remedy: "Remove insecureSkipVerify, and give caCertificates or credentialName.",
      },
    ];
  }
  if (hasAuthorities(tls)) return [];
  return [
    {
      id: "tls-system-authorities",
      severity: "info",
      path: tls.path,
      message:
        "Without caCertificates or credentialName, Galley's certificate has to be vouched for by one of the public authorities in istiod's image.",
      remedy: "Give caCertificates or credentialName if it is of an authority of your own.",
    },
  ];
}

function names(tls: TlsSettings): readonly Finding[] {
  const { path, subjectAltNames, insecureSkipVerify } = tls;
  if (subjectAltNames.length === 0 || insecureSkipVerify) return [];
  const at = [...path, "subjectAltNames"];
  if (!hasAuthorities(tls)) {
    return [
      {
        id: "tls-sans-unchecked",
        severity: "warning",
        path: at,
        message: "Without caCertificates or credentialName, istiod doesn't compare subjectAltNames.",
        remedy: "Give the authorities too.",
      },
    ];
  }
  if (subjectAltNames.some((name) => !name.includes("://") && isIP(name) === 0)) return [];
  return [
    {
      id: "tls-san-not-dns",
      severity: "error",
      path: at,
      message:
        "istiod compares subjectAltNames with the DNS names of the certificate only, and none of these is one: it refuses every certificate.",
      remedy: "Write a DNS name of Galley's certificate.",
    },
  ];
}

function hasAuthorities({ credentialName, caCertificates }: TlsSettings): boolean {
  return credentialName !== "" || caCertificates !== "";
}
