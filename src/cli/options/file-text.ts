import { open } from "node:fs/promises";
import { extname } from "node:path";
import { GalleyError } from "../../lib/errors.ts";

// Far more than there are settings; the YAML parser takes time in the square of the number of keys.
const mostBytes = 65_536;

/** The text of a config file of a supported format; throws `GalleyError` if there is none to be had. */
export async function readConfigText(file: string): Promise<string> {
  const extension = extname(file).toLowerCase();
  if (![".yaml", ".yml", ".json"].includes(extension)) {
    const found = extension === "" ? "without an extension" : `of type ${JSON.stringify(extension.slice(1))}`;
    throw new GalleyError("GLY_CONFIG_FILE_FORMAT", `config file ${file} is ${found}, which isn't supported`);
  }
  const bytes = await readBounded(file);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new GalleyError("GLY_CONFIG_FILE_SYNTAX", `config file ${file} isn't UTF-8 text`, { cause });
  }
}

async function readBounded(file: string): Promise<Uint8Array> {
  try {
    await using handle = await open(file, "r");
    const stats = await handle.stat();
    // Reading a pipe or a device might never end.
    if (!stats.isFile()) throw new Error("it isn't a regular file");
    const bytes = new Uint8Array(mostBytes + 1);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length);
      if (bytesRead === 0) return bytes.subarray(0, length);
      length += bytesRead;
    }
    throw new Error(`it is larger than ${mostBytes} bytes`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GalleyError("GLY_CONFIG_FILE_UNREADABLE", `config file ${file} can't be read: ${reason}`, { cause });
  }
}
