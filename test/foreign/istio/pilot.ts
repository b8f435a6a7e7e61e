import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { equal, eventually } from "./eventually.ts";
import { ask, askJson } from "./http.ts";
import { freePorts, Program } from "./program.ts";

/** Where Pilot gets its configuration, an entry of `configSources` in the mesh config. */
export interface ConfigSource {
  readonly address: string;
  readonly tlsSettings?: Readonly<Record<string, string>>;
}

/** A document as Pilot lists it at `/debug/configz`. */
interface PilotConfig {
  readonly type: string;
  readonly name: string;
  readonly namespace?: string;
  readonly resourceVersion: string;
  readonly Spec: unknown;
}

/** A request that Pilot sent, as its ControlZ tells; it keeps the last 32. */
interface PilotRequest {
  readonly Request: { readonly collection: string; readonly error_detail?: { readonly message: string } };
}

interface PilotJournal {
  readonly Collections: readonly string[];
  readonly LatestRequests?: readonly PilotRequest[];
}

/** Istio's Pilot, which has its configuration from nowhere but a source of MCP. */
export class Pilot implements AsyncDisposable {
  readonly program: Program;
  readonly #http: string;
  readonly #controlz: string;

  private constructor(program: Program, http: string, controlz: string) {
    this.program = program;
    this.#http = http;
    this.#controlz = controlz;
  }

  /**
   * @param folder for its files; made if need be.
   * @param closed the flag of this Pilot for the port that would need certificates
   */
  static async start(
    program: string,
    folder: string,
    source: ConfigSource,
    closed: "secureGrpcAddr" | "httpsAddr" = "secureGrpcAddr",
  ): Promise<Pilot> {
    await mkdir(folder, { recursive: true });
    const mesh = join(folder, "mesh.yaml");
    const networks = join(folder, "networks.yaml");
    await writeFile(mesh, JSON.stringify({ configSources: [source] }));
    await writeFile(networks, "networks: {}\n");
    const [grpc, http, monitoring, controlz] = await freePorts(4);
    const flags = {
      registries: "Mock",
      meshConfig: mesh,
      networksConfig: networks,
      grpcAddr: `127.0.0.1:${grpc}`,
      [closed]: "",
      httpAddr: `127.0.0.1:${http}`,
      monitoringAddr: `127.0.0.1:${monitoring}`,
      ctrlz_address: "127.0.0.1",
      ctrlz_port: String(controlz),
    };
    const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
    const env = { POD_NAME: "pilot-0", POD_NAMESPACE: "istio-system" };
    return new Pilot(
      new Program(program, ["discovery", ...args], env),
      `http://127.0.0.1:${http}`,
      `http://127.0.0.1:${controlz}`,
    );
  }

  /** Resolves when Pilot calls itself ready: each collection has come once. */
  async ready(): Promise<void> {
    await eventually(async () => {
      this.program.alive();
      equal("the status of /ready", (await ask(`${this.#http}/ready`)).status, 200);
    });
  }

  /** All that Pilot holds, of every type. */
  async configs(): Promise<readonly PilotConfig[]> {
    const all = (await askJson(`${this.#http}/debug/configz`)) as readonly Partial<PilotConfig>[];
    return all.filter((config) => config.type !== undefined) as readonly PilotConfig[]; // the last one is {}
  }

  /** One line a document, in order: `COLLECTION NAME VERSION`. */
  async lines(): Promise<readonly string[]> {
    const collections = await this.collections();
    return (await this.configs())
      .map(({ type, name, namespace, resourceVersion }) => {
        const plural = `/${type
          .toLowerCase()
          .replaceAll("-", "")
          .replace(/(?<![aeiou])y$/, "ie")}s`;
        const collection = collections.find((candidate) => candidate.endsWith(plural)) ?? type;
        return `${collection} ${namespace === undefined ? name : `${namespace}/${name}`} ${resourceVersion}`;
      })
      .sort();
  }

  /** What Pilot makes of one document; nothing if it has none of this name. */
  async spec(type: string, namespace: string, name: string): Promise<unknown> {
    const isMeant = (config: PilotConfig): boolean =>
      config.type === type && config.namespace === namespace && config.name === name;
    return (await this.configs()).find(isMeant)?.Spec;
  }

  /** The collections that Pilot asks for. */
  async collections(): Promise<readonly string[]> {
    return (await this.#journal()).Collections;
  }

  /** What Pilot refused lately, as `COLLECTION: REASON`. */
  async refusals(): Promise<readonly string[]> {
    const requests = (await this.#journal()).LatestRequests ?? [];
    return requests
      .filter(({ Request }) => Request.error_detail !== undefined)
      .map(({ Request }) => `${Request.collection}: ${Request.error_detail!.message}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
  }

  async #journal(): Promise<PilotJournal> {
    return (await askJson(`${this.#controlz}/configj/`)) as PilotJournal;
  }
}
