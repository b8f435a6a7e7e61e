import { fromBinary } from "@bufbuild/protobuf";
import { ResourceSchema } from "../../../src/wire/gen/current/mcp/v1alpha1/resource_pb.ts";
import type { Node } from "../../../src/wire/gen/envoy/config/core/v3/base_pb.ts";
import type { Resource } from "../../../src/model/resource.ts";
import { RevisionLabels } from "../../../src/xds/feeds/revision-labels.ts";
import type { Mutant } from "../mutants.ts";
import { unknown } from "./kinds.ts";
import { faultyXds, type XdsFault } from "./faulty-stream.ts";
import { faultyXdsHub } from "./faulty-hub.ts";
import { isTranslated } from "./translations.ts";

/** Servers with one fault each in what they do over xDS. A simulation that lets one live is too weak. */
export const xdsMutants: Readonly<Record<string, Mutant>> = {
  "takes an istiod's made-up nonce for a stale answer": [
    /I9/,
    faultyXds(() => {
      const asked = new Set<string>();
      return {
        heardState: (request) => {
          if (!asked.has(request.typeUrl) && request.responseNonce !== "") return undefined;
          asked.add(request.typeUrl);
          return request;
        },
      };
    }),
  ],
  "forgets which revision a client is of": [
    /I7|I18/,
    faultyXds(() => ({
      heardState: (request) => ({ ...request, ...anonymous(request) }),
      heardDelta: (request) => ({ ...request, ...anonymous(request) }),
    })),
  ],
  "answers under another version of the type": [
    /is sent, and nobody asked/,
    faultyXds(() => ({
      saidState: (response) => ({ ...response, typeUrl: response.typeUrl.replace("/v1/", "/v1alpha3/") }),
      saidDelta: (response) => ({ ...response, typeUrl: response.typeUrl.replace("/v1/", "/v1alpha3/") }),
    })),
  ],
  "leaves what it does not know unanswered": [
    /(I9|I17).*(Nothing|Cluster|one-word)/,
    faultyXds(() => ({
      saidState: (response) => (unknown.urls.includes(response.typeUrl) ? undefined : response),
      saidDelta: (response) => (unknown.urls.includes(response.typeUrl) ? undefined : response),
    })),
  ],
  "forgets removals over xDS": [
    /I17.*not answered/,
    faultyXds(() => ({ saidDelta: (r) => ({ ...r, removedResources: [] }) })),
  ],
  "forgets that WasmPlugins are TrafficExtensions": [
    /(I7|I9|I17).*TrafficExtension/,
    faultyXds(() => withoutTranslations),
  ],
  "gives the members of a delta another's version": [
    /is said to be of version/,
    faultyXds(() => ({
      saidDelta: (response) => {
        const versions = response.resources.map(({ version }) => version).reverse();
        const resources = response.resources.map((member, i) => ({ ...member, version: versions[i]! }));
        return { ...response, resources };
      },
    })),
  ],
  "counts versions over xDS": [
    /I12/,
    faultyXds(() => {
      let version = 0;
      return {
        saidState: (response) => ({ ...response, versionInfo: String(++version) }),
        saidDelta: (response) => ({ ...response, systemVersionInfo: String(++version) }),
      };
    }),
  ],
  "numbers its pushes in another way than it reads the answers": [
    /the nonce of push 1 is n1/,
    faultyXds(() => ({ saidDelta: (response) => ({ ...response, nonce: `n${response.nonce}` }) })),
  ],
  "takes a refusal over xDS for an ACK": [
    /the nack is acked/,
    faultyXds(() => ({
      heardState: withoutError,
      heardDelta: withoutError,
    })),
  ],
  "ignores what a client says that it has kept": [
    /I7|I9/,
    faultyXds(() => ({ heardDelta: (request) => ({ ...request, initialResourceVersions: {} }) })),
  ],
  "loses what a client unsubscribes from": [
    /I5|I7|I9|I17|I18|not judged/,
    faultyXds(() => ({ heardDelta: (request) => ({ ...request, resourceNamesUnsubscribe: [] }) })),
  ],
  "loses what a client subscribes to in an answer": [
    /I9|I17/,
    faultyXds(() => ({
      heardDelta: (request) => (request.responseNonce === "" ? request : { ...request, resourceNamesSubscribe: [] }),
    })),
  ],
  "loses the names in an answer": [
    /I5|I7|I9|I18/,
    faultyXds(() => {
      const named = new Map<string, string[]>();
      return {
        heardState: (request) => {
          const names = named.get(request.typeUrl);
          if (names !== undefined) return { ...request, resourceNames: names };
          named.set(request.typeUrl, request.resourceNames);
          return request;
        },
      };
    }),
  ],
  "looks at a resource's revision once for each of its versions": [
    /(I7|I9|I18)/,
    { xds: { labels: () => new LabelsByVersion() } },
  ],
  "does not notice every change": [/I9/, faultyXdsHub({ losesChanges: true })],
  "removes what it holds back": [/I7|I9|I18/, faultyXdsHub({ dropsOffenders: true })],
  "answers before the sources have said everything": [
    /nothing may be sent now/,
    faultyXdsHub({ isEmptyAtFirst: true }),
  ],
};

/** What is made anew and says the same is not looked at, though its label is known by the object alone. */
class LabelsByVersion extends RevisionLabels {
  readonly #looked = new Map<string, string>();

  override look(resource: Resource): void {
    const { collection, name, version } = resource;
    const key = `${collection} ${name}`;
    if (this.#looked.get(key) === version) return;
    this.#looked.set(key, version);
    super.look(resource);
  }
}

const withoutTranslations: XdsFault = {
  saidState: (response) => ({
    ...response,
    resources: response.resources.filter(({ value }) => !isTranslated(nameIn(value))),
  }),
  saidDelta: (response) => ({ ...response, resources: response.resources.filter(({ name }) => !isTranslated(name)) }),
};

function nameIn(resource: Uint8Array): string {
  return fromBinary(ResourceSchema, resource).metadata?.name ?? "";
}

function withoutError<Heard extends { errorDetail?: unknown }>(request: Heard): Heard {
  const heard = { ...request };
  delete heard.errorDetail;
  return heard;
}

function anonymous({ node }: { readonly node?: Node | undefined }): { node?: Node } {
  return node === undefined ? {} : { node: { ...node, metadata: {} } };
}
