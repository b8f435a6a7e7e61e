import { run } from "../command.ts";
import { clientEnvironment } from "../sinks.ts";
import { equal, eventually } from "./eventually.ts";
import { ask } from "./http.ts";
import { freePorts, Program } from "./program.ts";
import type { IstioPrograms } from "./programs.ts";

/** Istio's Mixer, which has its configuration from a source of MCP. */
export class Mixer implements AsyncDisposable {
  readonly #program: Program;
  readonly #mixc: string;
  readonly #address: string;
  readonly #metrics: string;

  private constructor(program: Program, mixc: string, address: string, metrics: string) {
    this.#program = program;
    this.#mixc = mixc;
    this.#address = address;
    this.#metrics = metrics;
  }

  /** @param source such as `mcp://HOST:PORT` */
  static async start({ mixs, mixc }: IstioPrograms, source: string, ...flags: readonly string[]): Promise<Mixer> {
    const [grpc, monitoring, controlz] = await freePorts(3);
    const program = new Program(mixs, [
      "server",
      `--configStoreURL=${source}`,
      `--address=tcp://127.0.0.1:${grpc}`,
      `--monitoringPort=${monitoring}`,
      "--ctrlz_address=127.0.0.1",
      `--ctrlz_port=${controlz}`,
      ...flags,
    ]);
    return new Mixer(program, mixc, `127.0.0.1:${grpc}`, `http://127.0.0.1:${monitoring}/metrics`);
  }

  /** What Mixer counts of its configuration: handlers, instances, rules. */
  async counts(): Promise<Readonly<Record<string, number>>> {
    const metrics = await (await ask(this.#metrics)).text();
    const count = (name: string): number => Number(new RegExp(`^mixer_config_${name} (\\d+)`, "m").exec(metrics)?.[1]);
    return {
      handlers: count("handler_configs_total"),
      instances: count("instance_configs_total"),
      rules: count("rule_configs_total"),
      errors: count("handler_validation_error_total") + count("rule_config_errors_total"),
    };
  }

  /** What Mixer answers when a proxy asks whether a request may pass that comes from this workload. */
  async verdict(source: string): Promise<string> {
    const attributes = `source.name=${source},destination.namespace=foreign`;
    const { stdout, stderr } = await run(
      this.#mixc,
      ["check", "--mixer", this.#address, "--string_attributes", attributes],
      { env: clientEnvironment },
    );
    const verdict = /Check status was (.*)/.exec(stdout)?.[1];
    if (verdict === undefined) throw new Error(`mixc: ${stderr.trim() || stdout.trim()}`);
    return verdict;
  }

  /** Resolves when it comes to answer so. */
  async comesToSay(source: string, verdict: string): Promise<void> {
    await eventually(async () => {
      this.#program.alive();
      equal(`what Mixer says of ${source}`, await this.verdict(source), verdict);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}
