import { join } from "node:path";
import { GalleyProcess, runGalley } from "../../support/galley-process.ts";
import { serveSamples } from "../sinks.ts";
import type { Tally } from "../tally.ts";
import { equal, eventually } from "./eventually.ts";
import { gateway, put, writeDocuments } from "./content.ts";
import { istioDocuments } from "./documents.ts";
import { Pilot } from "./pilot.ts";
import type { IstioPrograms } from "./programs.ts";
import { servedLines } from "./served.ts";

/** Has Istio's Pilot read from a server of its own, which breaks, is mended and starts over. */
export async function checkPilot({ pilot: program }: IstioPrograms, into: string, tally: Tally): Promise<void> {
  const folder = join(into, "pilot-config");
  let server = await serveSamples(folder);
  const { address } = server;
  await using pilot = await Pilot.start(program, join(into, "pilot"), { address });

  const holdsWhatIsServed = (): Promise<void> =>
    eventually(async () => {
      const wanted = await servedLines(server, await pilot.collections());
      equal("what Pilot holds", await pilot.lines(), wanted);
    });
  const port = async (name: string): Promise<unknown> => {
    const spec = (await pilot.spec("gateway", "foreign", name)) as GatewaySpec | undefined;
    return spec?.servers[0]?.port.number;
  };
  const comesToHave = (ports: Readonly<Record<string, number | undefined>>): Promise<void> =>
    eventually(async () => {
      for (const [name, number] of Object.entries(ports)) equal(`the port of ${name}`, await port(name), number);
    });

  try {
    await tally.check("pilot: is ready, and holds names and versions that are served", async () => {
      await pilot.ready();
      equal("the number of collections", (await pilot.collections()).length, 16);
      await holdsWhatIsServed();
      const held = await pilot.lines();
      if (held.length < 25) throw new Error(`it holds only ${held.length} documents`);
    });
    await tally.check("pilot: has what is added, changed and deleted", async () => {
      await put(folder, "a.yaml", gateway("a", 80) + gateway("b", 81));
      await comesToHave({ a: 80, b: 81 });
      await put(folder, "a.yaml", gateway("a", 8080) + gateway("c", 82));
      await comesToHave({ a: 8080, b: undefined, c: 82 });
      await holdsWhatIsServed();
    });
    await tally.check("pilot: keeps the last good state of a document that breaks", async () => {
      await put(folder, "a.yaml", gateway("a", "[]") + gateway("c", 83));
      await comesToHave({ c: 83 });
      equal("the port of the one that is broken", await port("a"), 8080);
      const problems = await server.problems();
      equal(
        "the problems",
        problems.map(({ subject, severity }) => `${severity} ${subject}`),
        ["error Gateway foreign/a"],
      );
      await put(folder, "a.yaml", gateway("a", 84) + gateway("c", 83));
      await comesToHave({ a: 84, c: 83 });
    });
    await tally.check("pilot: is told of as synced by galley status", async () => {
      const admin = new URL(server.introspectionUrl).host;
      const { stdout, stderr } = await runGalley("status", "sinks", "-o", "json", `--admin=${admin}`);
      const { items } = JSON.parse(stdout || "{}") as { readonly items?: readonly SinkItem[] };
      if (items === undefined) throw new Error(stderr);
      equal(
        "what is said of sinks",
        items.map(
          ({ collections }) => collections.filter(({ synced, nacked }) => synced && nacked === undefined).length,
        ),
        [16],
      );
    });
    await tally.check("pilot: comes back to a server that started over, and has what changed meanwhile", async () => {
      server.signal("SIGTERM");
      equal("how the server ended", (await server.ended()).code, 0);
      await put(folder, "a.yaml", gateway("a", 85) + gateway("d", 86));
      server = await GalleyProcess.start(folder, `--server-address=tcp://${address}`);
      await comesToHave({ a: 85, c: undefined, d: 86 });
      await holdsWhatIsServed();
    });
    await tally.check("pilot: has refused nothing", async () => {
      equal("what it refused", await pilot.refusals(), []);
    });
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

/** Has Pilot read Istio's own documents: it accounts for every one, by holding it or by saying why not. */
export async function checkPilotOnIstio(programs: IstioPrograms, into: string, tally: Tally): Promise<void> {
  await tally.check("pilot: holds Istio's own documents, but for those that it says it discards", async () => {
    const folder = join(into, "pilot-istio");
    await writeDocuments(folder, await istioDocuments(programs.sources));
    await using server = await GalleyProcess.start(folder);
    await server.ready();
    await using pilot = await Pilot.start(programs.pilot, join(into, "pilot-of-istio"), { address: server.address });
    await pilot.ready();
    const wanted = await servedLines(server, await pilot.collections());
    const held = new Set(await pilot.lines());
    const missing = wanted.filter((line) => !held.has(line)).map((line) => line.split(" ")[1]!);
    const discarded = new Set(
      pilot.program.lines.flatMap((line) => /Discarding incoming MCP resource: .*?\((\S+?)\)/.exec(line)?.[1] ?? []),
    );
    equal(
      "what is missing without a word",
      missing.filter((name) => !discarded.has(name.includes("/") ? name : `/${name}`)),
      [],
    );
    equal("whether it holds most", held.size > 200, true);
    equal("what it refused", await pilot.refusals(), []);
  });
}

/** Has a later Pilot read from a server of its own: it wants other collections, of kinds that came after Istio 1.3. */
export async function checkLaterPilot(programs: IstioPrograms, into: string, tally: Tally): Promise<void> {
  const folder = join(into, "later-config");
  await using server = await serveSamples(folder);
  const source = { address: server.address };
  await using pilot = await Pilot.start(programs.laterPilot, join(into, "later-pilot"), source, "httpsAddr");
  const holdsWhatIsServed = (): Promise<void> =>
    eventually(async () => {
      equal("what Pilot holds", await pilot.lines(), await servedLines(server, await pilot.collections()));
    });
  await tally.check("later pilot: is ready, and holds what is served, of kinds after Istio 1.3 too", async () => {
    await pilot.ready();
    await holdsWhatIsServed();
    const collections = new Set((await pilot.lines()).map((line) => line.split(" ")[0]));
    for (const name of ["networking/v1alpha3/workloadentries", "security/v1beta1/authorizationpolicies"]) {
      equal(`whether it holds some ${name}`, collections.has(`istio/${name}`), true);
    }
  });
  await tally.check("later pilot: has what is added, changed and deleted, and refuses nothing", async () => {
    for (const text of [gateway("a", 80), gateway("a", 81) + gateway("b", 82), gateway("b", 82)]) {
      await put(folder, "a.yaml", text);
      await eventually(async () => {
        const held = (await pilot.lines()).filter((line) => line.includes(" foreign/"));
        equal("the number of Gateways", held.length, text.split("kind: Gateway").length - 1);
      });
      await holdsWhatIsServed();
    }
    equal("what it refused", await pilot.refusals(), []);
  });
}

interface GatewaySpec {
  readonly servers: readonly { readonly port: { readonly number: number } }[];
}

interface SinkItem {
  readonly collections: readonly { readonly synced: boolean; readonly nacked?: unknown }[];
}
