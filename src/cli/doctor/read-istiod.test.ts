import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { parseIstiod, readIstiod } from "./read-istiod.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function istiod(answer: RequestListener): Promise<{ readonly host: string; readonly port: number }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  closers.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

/** An istiod as it is, whose paths answer with these texts. */
const serving =
  (pages: Readonly<Record<string, string>>): RequestListener =>
  ({ url = "" }, response) => {
    const page = pages[url];
    response.writeHead(page === undefined ? 404 : 200).end(page);
  };

const mesh = '{"configSources": [{"address": "xds://galley:15010", "tlsSettings": {"mode": "MUTUAL"}}]}';

describe("a running istiod", () => {
  test("tells its mesh config and its version", async () => {
    const address = await istiod(serving({ "/debug/mesh": mesh, "/version": "1.25.3-abcdef-Clean" }));
    const document = await readIstiod(address, 5_000);
    expect(document).toMatchObject({
      what: `istiod at 127.0.0.1:${address.port}`,
      mesh: JSON.parse(mesh) as unknown,
      version: { text: "1.25.3-abcdef-Clean", toldBy: "its /version" },
      isWritten: false,
    });
    expect(document.places([["configSources"]])).toEqual([undefined]);
  });

  test("need not tell its version", async () => {
    expect(await readIstiod(await istiod(serving({ "/debug/mesh": "{}" })), 5_000)).not.toHaveProperty("version");
  });

  test.each([
    ["wants to know who asks", 401, "", "doesn't show its mesh config to others (HTTP status 401)", "port-forward"],
    ["has no such page", 404, "", "shows no mesh config (HTTP status 404)", "15014"],
    ["is something else", 200, "hello", "shows no mesh config", "15014"],
    ["answers with JSON of something else", 200, "[]", "shows no mesh config", "15014"],
  ])("is refused if it %s", async (_, status, body, message, hint) => {
    const address = await istiod((_request, response) => response.writeHead(status).end(body));
    await expect(readIstiod(address, 5_000)).rejects.toMatchObject({
      code: "GLY_NOT_EXAMINED",
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
  });

  test("is given up if it doesn't answer, or says too much", async () => {
    const silent = await istiod(() => undefined);
    await expect(readIstiod(silent, 50)).rejects.toMatchObject({
      code: "GLY_CONNECT",
      message: expect.stringContaining("0.05 s"),
    });
    const huge = await istiod((_, response) => response.end(Buffer.alloc(9 * 1024 * 1024, 32)));
    await expect(readIstiod(huge, 20_000)).rejects.toMatchObject({
      code: "GLY_CONNECT",
      message: expect.stringContaining("longer than"),
    });
  });

  test("is named with a remedy if it isn't there", async () => {
    const { host, port } = await istiod(serving({}));
    for (const close of closers.splice(0)) close();
    await expect(readIstiod({ host, port }, 5_000)).rejects.toMatchObject({
      code: "GLY_CONNECT",
      message: expect.stringContaining(`no istiod answers at 127.0.0.1:${port}`),
      hint: expect.stringContaining("port-forward"),
    });
  });
});

describe("the address of an istiod", () => {
  test.each([
    ["http://127.0.0.1:15014", "127.0.0.1", 15_014],
    ["http://127.0.0.1:1/", "127.0.0.1", 1],
    ["istiod.istio-system", "istiod.istio-system", 15_014],
    ["http://istiod:80", "istiod", 80],
    ["[::1]:8080", "::1", 8080],
  ])("is read from %s", (text, host, port) => {
    expect(parseIstiod(text)).toEqual({ host, port });
  });

  test.each(["", "https://x", "http://u@x", "http://x/debug/mesh", "http://x?y", "x y", "x:99999"])(
    "isn't read from %j",
    (text) => {
      expect(() => parseIstiod(text)).toThrow("expected http://HOST:PORT");
    },
  );
});
