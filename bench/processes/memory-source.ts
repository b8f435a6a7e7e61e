import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { istioCollections } from "../../src/model/registry.ts";
import { serveConfiguration } from "../../src/sdk/serve-configuration.ts";
import type { ResourceDocument } from "../../src/sources/memory/document.ts";
import { MemorySource } from "../../src/sources/memory/source.ts";
import { answerWith, sharedNow } from "../lib/remote.ts";

// A server whose configuration is set by code, as the library gives it to anybody; and beside it the floor, an echo.

/** Longer than a change takes to reach a sink. */
const ANSWER_AFTER_MS = 15;

const source = new MemorySource({ registry: istioCollections() });

function entry(index: number, revision: number): ResourceDocument {
  const name = `entry-${String(index).padStart(6, "0")}`;
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: {
      name,
      namespace: `bench-${index % 50}`,
      labels: { app: `shop-${index % 200}`, revision: `${revision}` },
    },
    spec: {
      hosts: [`${name}.example.com`, `${name}.internal.example.com`],
      ports: [{ number: 443, name: "https", protocol: "HTTPS" }],
      location: "MESH_EXTERNAL",
      resolution: "STATIC",
      endpoints: [{ address: `192.168.${(index >> 8) & 255}.${index & 255}` }],
    },
  };
}

const abilities = {
  /** Fills the source and serves it; gives the port. */
  async serve(documents: number): Promise<number> {
    source.apply({ set: Array.from({ length: documents }, (_, i) => entry(i, 0)) });
    const server = await serveConfiguration({ sources: [source], address: "127.0.0.1:0" });
    await server.ready;
    return Number(server.address.split(":").at(-1));
  },
  /** Changes one document; gives the time on the shared clock just before, when all is over: the answer must not be in its way. */
  async change({ index, revision }: { readonly index: number; readonly revision: number }): Promise<number> {
    const at = sharedNow();
    source.set(entry(index, revision));
    await wait(ANSWER_AFTER_MS);
    return at;
  },
  /** Gives back whatever comes to the port that this gives. */
  async echo(): Promise<number> {
    const server = createServer({ noDelay: true }, (socket) => socket.pipe(socket));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return address.port;
  },
};

export type MemorySourceAbilities = typeof abilities;

answerWith(abilities);
