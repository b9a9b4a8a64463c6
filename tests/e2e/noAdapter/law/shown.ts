// What a page shows, as lines that can be compared, and when it has come to rest. Serialised into the page, as actions.ts.

declare global {
  interface Window {
    /**
     * Waits until nothing is on its way; what still is when patience ends. Questions are answered with yes, and what `leave`
     * selects is pressed once.
     */
    quiet: (patienceMs: number, leave: string) => Promise<string[]>;
    shown: (ignored: string) => Shown;
    /** The file that "Export JSON" saves; null where it says that there is none. */
    exported: () => Promise<string | null>;
  }
}

export interface Shown {
  readonly provenance: string;
  /** The values of the header's controls. */
  readonly header: readonly string[];
  readonly main: readonly string[];
}

export function installShown(): void {
  /** What a reader sees, or hears, of an element besides its text. */
  const ATTRIBUTES = [
    "aria-pressed",
    "aria-selected",
    "aria-current",
    "aria-sort",
    "aria-label",
    "aria-valuetext",
    "data-value",
    "data-stale",
    "data-shown",
    "data-tinted",
    "disabled",
    "placeholder",
  ];
  const WAITING = "[data-stale], [aria-busy=true], .progress, .strip-waiting, main[data-waiting]";

  const frame = (): Promise<unknown> => new Promise((done) => requestAnimationFrame(done));
  const sleep = (ms: number): Promise<unknown> => new Promise((done) => setTimeout(done, ms));
  const press = (selector: string): void => {
    for (const button of document.querySelectorAll<HTMLElement>(selector)) button.click();
  };

  /** What is half typed. */
  function empty(selector: string): void {
    const field = document.querySelector(selector);
    if (!(field instanceof HTMLInputElement) || field.value === "") return;
    // React looks for a change behind its own setter.
    const own = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
    own?.set?.call(field, "");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function waiting(): string[] {
    const found = [...document.querySelectorAll(WAITING)].map(
      (one) => one.getAttribute("data-testid") ?? `${one.tagName} ${one.className}`,
    );
    if (document.querySelector("[data-testid=question]")) found.push("a question");
    if ((window.opening?.size ?? 0) > 0) found.push("a script's opening");
    return found;
  }

  window.quiet = async (patienceMs, leave) => {
    let changes = 0;
    const observer = new MutationObserver(() => changes++);
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    const until = performance.now() + patienceMs;
    let found: string[] = [];
    let left = false;
    for (let calm = 0; calm < 2 && performance.now() < until;) {
      changes = 0;
      press("[data-testid=go-ahead]");
      // Calls run in order: once this one is through, so are those before it.
      await window.facet.analyze("").catch(() => undefined);
      const scans = await window.facet.scans().catch(() => []);
      await sleep(100);
      await frame();
      found = waiting();
      if (scans.some(({ running }) => running)) found.push("a scan");
      calm = found.length === 0 && changes === 0 ? calm + 1 : 0;
      if (calm > 0 && !left) {
        left = true;
        press(leave);
        empty("[data-testid=token-logit-text]");
      }
    }
    observer.disconnect();
    return found;
  };

  function valueOf(one: Element): string | null {
    if (one instanceof HTMLInputElement && /^(radio|checkbox)$/.test(one.type)) {
      return `${one.value} ${one.checked ? "on" : "off"}`;
    }
    if (one instanceof HTMLInputElement || one instanceof HTMLTextAreaElement) {
      return JSON.stringify(one.value.trim());
    }
    if (one instanceof HTMLSelectElement) {
      const options = [...one.options].map(({ text, disabled }) => (disabled ? `(${text})` : text));
      return `${one.selectedOptions[0]?.text} of ${options.join(" | ")}`;
    }
    return null;
  }

  function* linesOf(node: Node, ignored: string): Generator<string> {
    if (node instanceof Text) {
      const text = node.data.replace(/\s+/g, " ").trim();
      if (text !== "") yield text;
    }
    if (!(node instanceof Element) || node.matches(ignored) || !node.checkVisibility()) return;
    const told = ATTRIBUTES.filter((name) => node.hasAttribute(name)).map(
      (name) => `${name}=${node.getAttribute(name)}`,
    );
    const value = valueOf(node);
    if (value !== null) told.push(value);
    if (told.length > 0) {
      const name = node.getAttribute("data-testid") ?? node.tagName.toLowerCase();
      yield `<${name}> ${told.join(", ")}`;
    }
    if (node instanceof HTMLSelectElement) return;
    for (const child of node.childNodes) yield* linesOf(child, ignored);
  }

  window.shown = (ignored) => {
    // What is folded away is compared too.
    for (const details of document.querySelectorAll("main details")) {
      details.setAttribute("open", "");
    }
    const lines = (selector: string): string[] =>
      [...document.querySelectorAll(selector)].flatMap((part) => [...linesOf(part, ignored)]);
    return {
      provenance: document.querySelector("[data-testid=provenance]")?.textContent ?? "",
      header: lines(".places").concat(lines(".header .choices")),
      main: lines("main"),
    };
  };

  // What is saved stays here.
  let saved: Blob | null = null;
  const make = URL.createObjectURL.bind(URL);
  URL.createObjectURL = (object) => {
    if (object instanceof Blob) saved = object;
    return make(object);
  };
  window.addEventListener("click", (event) => {
    if (event.target instanceof HTMLAnchorElement && event.target.download !== "") {
      event.preventDefault();
    }
  });
  window.exported = async () => {
    saved = null;
    press("[data-testid=share]");
    press("[data-testid=export-json]");
    await frame();
    // TypeScript does not see that pressing has set it.
    return (await (saved as Blob | null)?.text()) ?? null;
  };
}
