import { toBinary, type DescEnum, type DescExtension, type DescFile, type DescMessage } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

/** Finds the files that describe a set of services, and gives them as clients read them: encoded `FileDescriptorProto`s. */
export class DescriptorIndex {
  readonly #files = new Map<string, DescFile>();
  readonly #encoded = new Map<string, Uint8Array>();
  #symbols: Map<string, DescFile> | undefined;
  #extensions: Map<string, Map<number, DescFile>> | undefined;

  /** @param files what to know, with all that they depend on. Of two files with one name the first counts. */
  constructor(files: readonly DescFile[]) {
    for (const file of files) this.#add(file);
  }

  /** The file of that name, as imports spell it. */
  file(name: string): DescFile | undefined {
    return this.#files.get(name);
  }

  /** The file that defines a service, method, message, field, oneof, enum, enum value or extension of that full name. */
  fileOfSymbol(name: string): DescFile | undefined {
    return (this.#symbols ??= this.#indexSymbols()).get(name);
  }

  /** The file that defines the extension of a message with that number. */
  fileOfExtension(message: string, number: number): DescFile | undefined {
    return this.#extensionsOf(message)?.get(number);
  }

  /** Numbers of all extensions of a message, ascending; `undefined` when there is no such message. */
  extensionNumbers(message: string): readonly number[] | undefined {
    const numbers = this.#extensionsOf(message);
    if (numbers === undefined) return this.fileOfSymbol(message) === undefined ? undefined : [];
    return [...numbers.keys()].sort((a, b) => a - b);
  }

  /** The file and what it depends on, without those that `known` names already. Adds to `known`. */
  withDependencies(file: DescFile, known: Set<string>): readonly Uint8Array[] {
    const found = [this.#encode(file)];
    known.add(nameOf(file));
    for (const dependency of file.dependencies) {
      if (!known.has(nameOf(dependency))) found.push(...this.withDependencies(dependency, known));
    }
    return found;
  }

  #add(file: DescFile): void {
    if (this.#files.has(nameOf(file))) return;
    this.#files.set(nameOf(file), file);
    for (const dependency of file.dependencies) this.#add(dependency);
  }

  #encode(file: DescFile): Uint8Array {
    const name = nameOf(file);
    const bytes = this.#encoded.get(name) ?? toBinary(FileDescriptorProtoSchema, file.proto);
    this.#encoded.set(name, bytes);
    return bytes;
  }

  #extensionsOf(message: string): ReadonlyMap<number, DescFile> | undefined {
    return (this.#extensions ??= this.#indexExtensions()).get(message);
  }

  #indexSymbols(): Map<string, DescFile> {
    const symbols = new Map<string, DescFile>();
    for (const file of this.#files.values()) {
      for (const name of symbolsIn(file)) if (!symbols.has(name)) symbols.set(name, file);
    }
    return symbols;
  }

  #indexExtensions(): Map<string, Map<number, DescFile>> {
    const extensions = new Map<string, Map<number, DescFile>>();
    for (const file of this.#files.values()) {
      for (const extension of extensionsIn(file)) {
        const numbers = extensions.get(extension.extendee.typeName) ?? new Map<number, DescFile>();
        extensions.set(extension.extendee.typeName, numbers.set(extension.number, file));
      }
    }
    return extensions;
  }
}

// protobuf-es leaves the ending out.
function nameOf(file: DescFile): string {
  return `${file.name}.proto`;
}

function* symbolsIn(file: DescFile): Generator<string> {
  for (const service of file.services) {
    yield service.typeName;
    for (const method of service.methods) yield `${service.typeName}.${method.name}`;
  }
  for (const message of messagesIn(file)) {
    yield message.typeName;
    for (const field of message.fields) yield `${message.typeName}.${field.name}`;
    for (const oneof of message.oneofs) yield `${message.typeName}.${oneof.name}`;
    for (const nested of message.nestedEnums) yield* enumSymbols(nested);
  }
  for (const found of file.enums) yield* enumSymbols(found);
  for (const extension of extensionsIn(file)) yield extension.typeName;
}

// The values of an enum live beside it, not in it, as in C++.
function* enumSymbols(found: DescEnum): Generator<string> {
  yield found.typeName;
  const scope = found.typeName.slice(0, found.typeName.length - found.name.length);
  for (const value of found.values) yield `${scope}${value.name}`;
}

function* messagesIn(parent: DescFile | DescMessage): Generator<DescMessage> {
  for (const message of parent.kind === "file" ? parent.messages : parent.nestedMessages) {
    yield message;
    yield* messagesIn(message);
  }
}

function* extensionsIn(file: DescFile): Generator<DescExtension> {
  yield* file.extensions;
  for (const message of messagesIn(file)) yield* message.nestedExtensions;
}
