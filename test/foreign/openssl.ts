import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Certificate, issue } from "../../src/grpc/testing/certificates.ts";
import { GalleyProcess } from "../support/galley-process.ts";
import { authority, credentialFiles, serverCertificate } from "../support/secure-server.ts";
import type { Tally } from "./tally.ts";

const samples = fileURLToPath(new URL("../../samples/leafpress", import.meta.url));

const program = "openssl";

/** How long one handshake may take. */
const PATIENCE_MS = 10_000;

/** Has `openssl s_client` shake hands with a server over TLS, with session tickets and without. */
export async function runOpenssl(into: string, tally: Tally): Promise<void> {
  const folder = join(into, "openssl");
  await mkdir(folder);
  await cp(samples, join(folder, "config"), { recursive: true });
  const at = (name: string): string => join(folder, name);
  const put = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [name, text] of Object.entries(files)) await writeFile(at(name), text);
  };
  const pair = ({ name, cert, key }: Certificate): Record<string, string> => ({
    [`${name}.pem`]: cert,
    [`${name}-key.pem`]: key,
  });
  await put(credentialFiles(serverCertificate("galley")));
  await put(
    pair(issue({ name: "pilot", issuer: authority, uris: ["spiffe://cluster.local/ns/istio-system/sa/pilot"] })),
  );
  await put(pair(issue({ name: "old", issuer: authority, years: 1 })));
  await using server = await GalleyProcess.start(
    at("config"),
    "--insecure=false",
    `--tls-cert-file=${at("cert-chain.pem")}`,
    `--tls-key-file=${at("key.pem")}`,
    `--ca-cert-file=${at("root-cert.pem")}`,
  );
  const shake = (version: string, name: string, ...more: readonly string[]): Promise<Handshake> => {
    const own = ["-cert", at(`${name}.pem`), "-key", at(`${name}-key.pem`)];
    const peer = ["-connect", server.address, "-alpn", "h2", "-CAfile", at("root-cert.pem")];
    return handshake([...peer, ...own, version, ...more]);
  };

  for (const version of ["-tls1_2", "-tls1_3"]) {
    const ticket = at(`ticket${version}`);
    await tally.check(`openssl: a ticket resumes a session (${version})`, async () => {
      expect(await shake(version, "pilot", "-sess_out", ticket), { how: "New", served: true });
      expect(await shake(version, "pilot", "-sess_in", ticket), { how: "Reused", served: true });
    });
    await tally.check(
      `openssl: an expired certificate is not served, with a ticket or without (${version})`,
      async () => {
        const kept = at(`old-ticket${version}`);
        expect(await shake(version, "old", "-sess_out", kept), { served: false });
        if (existsSync(kept)) expect(await shake(version, "old", "-sess_in", kept), { served: false });
      },
    );
  }
  await tally.check("openssl: tickets are of no use once the certificate is replaced", async () => {
    await put(credentialFiles(serverCertificate("galley")));
    server.signal("SIGUSR1");
    await server.record(({ msg }) => msg.startsWith("TLS credentials replaced"));
    for (const version of ["-tls1_2", "-tls1_3"]) {
      expect(await shake(version, "pilot", "-sess_in", at(`ticket${version}`)), { how: "New", served: true });
    }
  });
}

interface Handshake {
  /** What OpenSSL says of the session; nothing if the handshake failed. */
  readonly how: string | undefined;
  /** Whether the server answered in HTTP/2. */
  readonly served: boolean;
}

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/** An acknowledgement of SETTINGS: whoever sends it has read ours. */
const answer = "\0\0\0\x04\x01\0\0\0\0";

/** Shakes hands, says that it speaks HTTP/2, and stays until there is an answer or the connection is closed. */
async function handshake(args: readonly string[]): Promise<Handshake> {
  const child = spawn(program, ["s_client", ...args], { stdio: ["pipe", "pipe", "ignore"] });
  const tooLong = setTimeout(() => child.kill(), PATIENCE_MS);
  let said = "";
  child.stdin.on("error", () => undefined);
  child.stdout.setEncoding("latin1").on("data", (text: string) => {
    said += text;
    if (said.includes(answer)) child.stdin.end();
  });
  child.stdin.write(preface);
  await new Promise((resolve) => child.once("close", resolve).once("error", resolve));
  clearTimeout(tooLong);
  return { how: /^(New|Reused), TLSv/m.exec(said)?.[1], served: said.includes(answer) };
}

function expect(actual: Handshake, expected: Partial<Handshake>): void {
  for (const [name, value] of Object.entries(expected)) {
    const found = actual[name as keyof Handshake];
    if (found !== value) throw new Error(`${name} is ${String(found)} instead of ${String(value)}`);
  }
}
