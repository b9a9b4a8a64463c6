// What the tests do with a browser, whichever engine it has: go to addresses, run functions in the page, point and type.

export interface Browser {
  /** Its engine and version, for messages. */
  readonly name: string;
  /** Errors that the page told of in the console, where the browser passes them on. */
  readonly complaints: readonly string[];
  goto(address: string): Promise<void>;
  reload(): Promise<void>;
  /** Runs a function in the page, which sees nothing of the test but its arguments; what it gives is JSON. */
  evaluate<Args extends unknown[], Result>(
    work: (...args: Args) => Result | Promise<Result>,
    ...args: Args
  ): Promise<Result>;
  /** With the pointer, on an element that is there. */
  click(selector: string): Promise<void>;
  /** Key by key, into an element that has the focus afterwards. */
  type(selector: string, text: string): Promise<void>;
  /** Chooses a file of the disk in an input for files. */
  chooseFile(selector: string, path: string): Promise<void>;
  /** PNG. */
  screenshot(): Promise<Uint8Array>;
  close(): Promise<void>;
}
