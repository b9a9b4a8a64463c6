// Which layout of each product is the fastest on this machine, kept in this browser's storage for the next visit: one small
// file. Nothing of what readers do stands in it.

import type { VariantMemory } from "../backend/webgpu/variants.ts";
import type { CacheFile, CacheStore } from "../hub/cache/store.ts";
import { isJsonObject, parseJsonObject } from "../lib/json.ts";

export const MEASURED_PLACE = { name: "facet-measured", layout: 1 };
const FILE = { folder: "webgpu", name: "choices.json" };
/** Thousands of choices; a larger file is none of ours. */
const MAX_BYTES = 2 ** 20;
/** Choices are settled one after another, in a row: they are written together. */
const TOGETHER_MS = 250;

type Choices = Map<string, string>;

export class MeasuredChoices implements VariantMemory {
  readonly #browser: string;
  readonly #store: CacheStore | null;
  readonly #choices: Choices;
  readonly #unsaved: Choices = new Map();
  #saving: Promise<void> | null = null;

  private constructor(browser: string, store: CacheStore | null, choices: Choices) {
    this.#browser = browser;
    this.#store = store;
    this.#choices = choices;
  }

  /**
   * @param browser its name and version: another one may compile shaders in another way, and its choices say nothing.
   * @param store null where nothing can be kept; then it is measured on each visit.
   */
  static async open(browser: string, store: CacheStore | null): Promise<MeasuredChoices> {
    const choices = await store?.withFile(FILE, undefined, (file) => read(file, browser));
    return new MeasuredChoices(browser, store, choices ?? new Map());
  }

  get(key: string): string | undefined {
    return this.#choices.get(key);
  }

  set(key: string, value: string): void {
    this.#choices.set(key, value);
    if (this.#store === null) return;
    this.#unsaved.set(key, value);
    this.#saving ??= this.#saveSoon(this.#store);
  }

  /** Once all that was set is in the storage. */
  async saved(): Promise<void> {
    await this.#saving;
  }

  async #saveSoon(store: CacheStore): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, TOGETHER_MS));
    const unsaved = [...this.#unsaved];
    this.#unsaved.clear();
    this.#saving = null;
    // Another tab may have measured too. Where there is no room, the next visit measures again.
    await store
      .withFile(FILE, undefined, (file) =>
        write(file, this.#browser, new Map([...read(file, this.#browser), ...unsaved])),
      )
      .catch(() => undefined);
  }
}

/** Nothing where the file is new, cut short, or another browser's. */
function read(file: CacheFile, browser: string): Choices {
  if (file.size() === 0 || file.size() > MAX_BYTES) return new Map();
  const bytes = new Uint8Array(file.size());
  file.read(bytes, 0);
  try {
    const { browser: of, choices } = parseJsonObject(bytes, "measured choices");
    if (of !== browser || !isJsonObject(choices)) return new Map();
    return new Map(
      Object.entries(choices).flatMap(([key, value]) =>
        typeof value === "string" ? [[key, value]] : [],
      ),
    );
  } catch {
    // A tab that was closed while it wrote leaves half a file: the next writing replaces it.
    return new Map();
  }
}

function write(file: CacheFile, browser: string, choices: Choices): void {
  const text = JSON.stringify({ browser, choices: Object.fromEntries(choices) });
  const bytes = new TextEncoder().encode(text);
  file.truncate(bytes.byteLength);
  file.write(bytes, 0);
}
