// What the reader should know. Each notice has a topic; a topic can be cleared as a whole, and says nothing twice.

import type { Notice } from "./store.ts";

/** link: what a link asked for in vain · open: what is open · run: what happened meanwhile. */
export type Topic = "link" | "open" | "run";

interface Entry extends Notice {
  readonly topic: Topic;
}

export class Notices {
  readonly #changed: (notices: readonly Notice[]) => void;
  #entries: readonly Entry[] = [];
  #nextId = 1;

  constructor(changed: (notices: readonly Notice[]) => void) {
    this.#changed = changed;
  }

  add(topic: Topic, kind: Notice["kind"], text: string): void {
    const others = this.#entries.filter((entry) => entry.text !== text);
    this.#update([...others, { id: this.#nextId++, topic, kind, text }]);
  }

  clear(topic: Topic): void {
    this.#update(this.#entries.filter((entry) => entry.topic !== topic));
  }

  dismiss(id: number): void {
    this.#update(this.#entries.filter((entry) => entry.id !== id));
  }

  #update(entries: readonly Entry[]): void {
    this.#entries = entries;
    this.#changed(entries);
  }
}
