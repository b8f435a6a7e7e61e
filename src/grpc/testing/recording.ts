import type { LogFields, Logger, LogLevel } from "../../lib/logger.ts";
import type { Closed, Method, ServerStream, StreamHandler } from "../method.ts";
import { Observed } from "./events.ts";

/** One line of a recorded log. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** A log that a test can read. */
export class RecordingLogger extends Observed implements Logger {
  readonly lines: LogLine[] = [];

  debug(message: string, fields: LogFields = {}): void {
    this.#add("debug", message, fields);
  }

  info(message: string, fields: LogFields = {}): void {
    this.#add("info", message, fields);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#add("warn", message, fields);
  }

  error(message: string, fields: LogFields = {}): void {
    this.#add("error", message, fields);
  }

  scope(): Logger {
    return this;
  }

  /** Lines of that level. */
  at(level: LogLevel): readonly LogLine[] {
    return this.lines.filter((line) => line.level === level);
  }

  #add(level: LogLevel, message: string, fields: LogFields): void {
    this.lines.push({ level, message, fields });
    this.changed();
  }
}

/** One call as a test saw it from the handler's side. */
export class RecordedCall extends Observed implements StreamHandler {
  readonly stream: ServerStream;
  readonly messages: Buffer[] = [];
  readonly closes: Closed[] = [];
  halfClosed = 0;
  onMessage: (bytes: Uint8Array) => void = () => undefined;
  onHalfClose: () => void = () => undefined;

  constructor(stream: ServerStream) {
    super();
    this.stream = stream;
  }

  message(bytes: Uint8Array): void {
    if (this.closes.length > 0) throw new Error("a message after closed");
    this.messages.push(Buffer.from(bytes));
    this.onMessage(bytes);
    this.changed();
  }

  halfClose(): void {
    if (this.closes.length > 0) throw new Error("halfClose after closed");
    this.halfClosed++;
    this.onHalfClose();
    this.changed();
  }

  closed(reason: Closed): void {
    this.closes.push(reason);
    this.changed();
  }

  /** Why it was closed, once it is. */
  async reason(): Promise<Closed> {
    await this.until(() => this.closes.length > 0);
    return this.closes[0]!;
  }
}

/** A method that records its calls. */
export class RecordingMethod extends Observed implements Method {
  readonly path: string;
  readonly calls: RecordedCall[] = [];
  readonly #onOpen: (call: RecordedCall) => void;

  constructor(path: string, onOpen: (call: RecordedCall) => void = () => undefined) {
    super();
    this.path = path;
    this.#onOpen = onOpen;
  }

  open(stream: ServerStream): StreamHandler {
    const call = new RecordedCall(stream);
    this.calls.push(call);
    this.#onOpen(call);
    this.changed();
    return call;
  }

  /** The call with that index, once it has been opened. */
  async call(index = 0): Promise<RecordedCall> {
    await this.until(() => this.calls.length > index);
    return this.calls[index]!;
  }
}
