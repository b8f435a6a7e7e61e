import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { need } from "./command.ts";
import { clientEnvironment, serveSamples } from "./sinks.ts";
import type { Tally } from "./tally.ts";

const service = "istio.mcp.v1alpha1.ResourceSource";

/** grpcurl waits for the end of its input for ever, whatever has become of its call. */
const PATIENCE_MS = 20_000;

/** Has grpcurl list, describe and call, with nothing but the address. */
export async function runGrpcurl(program: string, into: string, tally: Tally): Promise<void> {
  await using server = await serveSamples(join(into, "grpcurl-config"));
  const { address } = server;
  const ask = (...words: readonly string[]): Promise<string> =>
    need(program, ["-plaintext", "-max-time", "20", ...words], { env: clientEnvironment });

  await tally.check("grpcurl: lists the services", async () => {
    contains(await ask(address, "list"), service, "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection");
  });
  await tally.check("grpcurl: describes the service and its messages", async () => {
    contains(
      await ask(address, "describe", service),
      "rpc EstablishResourceStream ( stream .istio.mcp.v1alpha1.RequestResources ) returns ( stream .istio.mcp.v1alpha1.Resources );",
    );
    contains(
      await ask(address, "describe", "istio.mcp.v1alpha1.Metadata"),
      "google.protobuf.Timestamp create_time = 2;",
    );
  });
  await tally.check("grpcurl: checks the health", async () => {
    contains(await ask("-d", JSON.stringify({ service }), address, "grpc.health.v1.Health/Check"), '"SERVING"');
  });
  await tally.check("grpcurl: shows a push with its bodies", async () => {
    const push = JSON.parse(await firstPush(program, address, "istio/networking/v1alpha3/gateways")) as Push;
    const gateway = push.resources.find(({ metadata }) => metadata.name === "edge/storefront");
    contains(
      JSON.stringify(gateway?.body),
      '"@type":"type.googleapis.com/istio.networking.v1alpha3.Gateway"',
      '"HTTPS"',
    );
  });
  await tally.check("grpcurl: shows why a collection is refused", async () => {
    const request = JSON.stringify({ collection: "istio/no/such" });
    await ask("-d", request, address, `${service}/EstablishResourceStream`).then(
      (text) => Promise.reject(new Error(`it is served: ${text}`)),
      (error: Error) => contains(error.message, "InvalidArgument", 'unsupported collection "istio/no/such"'),
    );
  });
}

interface Push {
  readonly resources: readonly { readonly metadata: { readonly name: string }; readonly body: unknown }[];
}

/** Subscribes with JSON on standard input, which stays open until there is a push: its end would end the stream. */
async function firstPush(program: string, address: string, collection: string): Promise<string> {
  const args = ["-plaintext", "-max-time", "20", "-d", "@", address, `${service}/EstablishResourceStream`];
  const child = spawn(program, args, { env: clientEnvironment });
  const closed = once(child, "close");
  const tooLong = setTimeout(() => child.kill(), PATIENCE_MS);
  let stdout = "";
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    if (text.endsWith("\n}\n")) child.stdin.end();
  });
  child.stdin.write(JSON.stringify({ collection }));
  await closed;
  clearTimeout(tooLong);
  if (child.exitCode !== 0) throw new Error(`grpcurl ended with ${child.exitCode ?? child.signalCode}: ${stderr}`);
  return stdout;
}

function contains(text: string, ...parts: readonly string[]): void {
  for (const part of parts) if (!text.includes(part)) throw new Error(`${part} is missing in ${text}`);
}
