import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePorts, Program } from "./program.ts";

/** Istio's own Galley, in plaintext. Its ports for metrics and profiles are on all interfaces, which no flag changes. */
export class OriginalGalley implements AsyncDisposable {
  readonly program: Program;
  readonly address: string;

  private constructor(program: Program, address: string) {
    this.program = program;
    this.address = address;
  }

  /** @param folder which it reads at the start, and again when it is told to. */
  static async start(command: string, folder: string, ...flags: readonly string[]): Promise<OriginalGalley> {
    const [server, monitoring, controlz, profiles] = await freePorts(4);
    const mesh = `${folder}.mesh.yaml`;
    await writeFile(mesh, 'accessLogFile: ""\n');
    const address = `127.0.0.1:${server}`;
    const program = new Program(command, [
      "server",
      "--insecure",
      `--configPath=${folder}`,
      `--server-address=tcp://${address}`,
      "--enable-validation=false",
      `--meshConfigFile=${mesh}`,
      "--readinessProbePath=",
      "--livenessProbePath=",
      "--ctrlz_address=127.0.0.1",
      `--ctrlz_port=${controlz}`,
      `--monitoringPort=${monitoring}`,
      `--pprofPort=${profiles}`,
      `--accessListFile=${join(folder, "..", "no-access-list")}`,
      ...flags,
    ]);
    return new OriginalGalley(program, address);
  }

  /** Has it read its folder again: it does not watch it. */
  reread(): void {
    this.program.signal("SIGUSR1");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
  }
}
