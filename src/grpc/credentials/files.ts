import { contentHash } from "../../lib/hash.ts";
import { lookAt as lookAtDisk, type FileLook, type LookAt } from "./look.ts";
import type { Content } from "./watch.ts";

/** What the files are that TLS is set up from: authorities, private key and certificate chain, all in PEM. */
export type CredentialRole = "ca" | "key" | "cert";

/** Their paths. Without authorities nobody is asked for a certificate. */
export interface CredentialFiles {
  readonly ca?: string;
  readonly key: string;
  readonly cert: string;
}

/** What they held at one moment. */
export interface CredentialLook extends Content {
  readonly looks: Readonly<Record<"key" | "cert", FileLook>> & { readonly ca: FileLook | undefined };
}

/** Reads the three files. Whether they belong together is for `judgeCredentials` to find out. */
export async function lookAtCredentials(
  { ca, key, cert }: CredentialFiles,
  lookAt: LookAt = lookAtDisk,
): Promise<CredentialLook> {
  const looks = {
    ca: ca === undefined ? undefined : await lookAt(ca),
    key: await lookAt(key),
    cert: await lookAt(cert),
  };
  return {
    looks,
    mark: [looks.ca, looks.key, looks.cert].map((look) => (look === undefined ? "none" : markOf(look))).join(" "),
  };
}

/** Stands for what a look found: equal marks mean equal content. */
export function markOf(look: FileLook): string {
  return look.kind === "bytes" ? contentHash(look.bytes) : look.kind === "absent" ? "absent" : look.why;
}
