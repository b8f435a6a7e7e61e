import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { issue } from "../../../src/grpc/testing/certificates.ts";
import { GalleyProcess } from "../../support/galley-process.ts";
import { authority, credentialFiles, serverCertificate } from "../../support/secure-server.ts";
import type { Tally } from "../tally.ts";
import { gateway, put } from "./content.ts";
import { equal, eventually } from "./eventually.ts";
import { askJson } from "./http.ts";
import { denial } from "./mixer-checks.ts";
import { Mixer } from "./mixer.ts";
import { Pilot } from "./pilot.ts";
import type { IstioPrograms } from "./programs.ts";
import { servedLines } from "./served.ts";

const identity = (account: string): string => `spiffe://cluster.local/ns/istio-system/sa/${account}`;
const pilotIdentity = identity("istio-pilot-service-account");
const mixerIdentity = identity("istio-mixer-service-account");

/** Has Pilot and Mixer prove who they are, and the access list let them in or not. */
export async function checkTls(programs: IstioPrograms, into: string, tally: Tally): Promise<void> {
  const folder = join(into, "tls");
  const config = join(folder, "config");
  await mkdir(config, { recursive: true });
  const at = (name: string): string => join(folder, name);
  const files = credentialFiles(serverCertificate("galley"));
  for (const [account, uri] of [
    ["pilot", pilotIdentity],
    ["mixer", mixerIdentity],
  ] as const) {
    const { cert, key } = issue({ name: account, issuer: authority, uris: [uri] });
    Object.assign(files, { [`${account}.pem`]: cert, [`${account}-key.pem`]: key });
  }
  for (const [name, text] of Object.entries(files)) await writeFile(at(name), text);
  await put(config, "a.yaml", gateway("a", 80));
  await put(config, "denial.yaml", denial("closed", "stranger"));
  const allow = async (...identities: readonly string[]): Promise<void> => {
    await put(folder, "access.yaml", JSON.stringify({ allow: identities }));
  };
  await allow(pilotIdentity, mixerIdentity);
  await using server = await GalleyProcess.start(
    config,
    "--insecure=false",
    `--tls-cert-file=${at("cert-chain.pem")}`,
    `--tls-key-file=${at("key.pem")}`,
    `--ca-cert-file=${at("root-cert.pem")}`,
    `--access-list-file=${at("access.yaml")}`,
  );
  await using pilot = await Pilot.start(programs.pilot, at("pilot"), {
    address: server.address,
    tlsSettings: {
      mode: "MUTUAL",
      clientCertificate: at("pilot.pem"),
      privateKey: at("pilot-key.pem"),
      caCertificates: at("root-cert.pem"),
      sni: "localhost",
    },
  });
  const holdsWhatIsServed = (): Promise<void> =>
    eventually(async () => {
      equal("what Pilot holds", await pilot.lines(), await servedLines(server, await pilot.collections()));
    });
  const refusals = (): number => pilot.program.lines.filter((line) => line.includes("code = Unauthenticated")).length;

  await tally.check("pilot: is ready over mutual TLS, and holds what is served", async () => {
    await pilot.ready();
    await holdsWhatIsServed();
  });
  await tally.check("mixer: acts on rules that came over mutual TLS", async () => {
    await using mixer = await Mixer.start(
      programs,
      `mcps://${server.address.replace("127.0.0.1", "localhost")}`,
      `--certFile=${at("mixer.pem")}`,
      `--keyFile=${at("mixer-key.pem")}`,
      `--caCertFile=${at("root-cert.pem")}`,
    );
    await mixer.comesToSay("stranger", "PERMISSION_DENIED (doorman.istio-system:closed)");
  });
  await tally.check("pilot: is cut off by an access list without it, and gets nothing more", async () => {
    const before = await pilot.lines();
    await allow(mixerIdentity);
    server.signal("SIGUSR1");
    await eventually(() => equal("whether Pilot was refused", refusals() > 0, true));
    await put(config, "a.yaml", gateway("a", 81));
    await eventually(async () => {
      const now = await servedLines(server, await pilot.collections());
      equal("whether the change is served", now.join() === before.join(), false);
    });
    const earlier = refusals();
    await eventually(() => equal("whether Pilot was refused again", refusals() > earlier + 1, true));
    equal("what Pilot holds", await pilot.lines(), before);
  });
  await tally.check("pilot: is let in again by an access list with it, and has what changed meanwhile", async () => {
    await allow(pilotIdentity);
    server.signal("SIGUSR1");
    await holdsWhatIsServed();
  });
  await tally.check("pilot: is not served without a certificate of its own (mode SIMPLE)", async () => {
    await using stranger = await Pilot.start(programs.pilot, at("stranger"), {
      address: server.address,
      tlsSettings: { mode: "SIMPLE" },
    });
    const logged = (words: RegExp): boolean => stranger.program.lines.some((line) => words.test(line));
    await eventually(() => {
      stranger.program.alive();
      equal("whether it was turned away", logged(/Failed to create a new MCP sink|Error receiving MCP/), true);
    });
    equal("whether a collection came", await sinkCount(server), 1);
  });
}

async function sinkCount(server: GalleyProcess): Promise<number> {
  const { count } = (await askJson(`${server.introspectionUrl}/api/v1/sinks`)) as { readonly count: number };
  return count;
}
