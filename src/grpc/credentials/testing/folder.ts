import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of a test's own, which is removed with all that is in it. */
export class TestFolder implements AsyncDisposable {
  readonly path: string;
  #generation = 0;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<TestFolder> {
    return new TestFolder(await mkdtemp(join(tmpdir(), "galley-tls-")));
  }

  /** The path of a file in it. */
  at(name: string): string {
    return join(this.path, name);
  }

  async write(name: string, text: string | Uint8Array): Promise<void> {
    await writeFile(this.at(name), text);
  }

  async remove(name: string): Promise<void> {
    await rm(this.at(name), { recursive: true });
  }

  /**
   * Puts files there as Kubernetes mounts a Secret or a ConfigMap: each name is a link into `..data`, itself a link to a
   * folder, which is turned to a new folder in one step.
   */
  async mount(files: Readonly<Record<string, string>>): Promise<void> {
    const name = `..${++this.#generation}`;
    await mkdir(this.at(name));
    for (const [file, text] of Object.entries(files)) await writeFile(this.at(join(name, file)), text);
    await symlink(name, this.at("..data_tmp"));
    await rename(this.at("..data_tmp"), this.at("..data"));
    if (this.#generation > 1) return;
    for (const file of Object.keys(files)) await symlink(join("..data", file), this.at(file));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true });
  }
}
