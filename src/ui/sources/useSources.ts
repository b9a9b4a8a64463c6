// The source panel's state: open or not, its form, and folders as they are picked or dropped anywhere on the page.

import { useEffect, useRef, useState } from "react";
import { FacetError, describe } from "../../lib/errors.ts";
import { askedOf } from "../../state/requests.ts";
import type { LocalFolder } from "../../state/store.ts";
import { useAppStore } from "../shared/app.ts";
import type { PanelPart } from "../shared/sourcePanel.ts";
import { findFolders, type FoundFolder } from "./folders.ts";
import { type Form, formFor, withFolders } from "./form.ts";
import { foldersFromDrop } from "./readFolder.ts";

export interface SourcesState {
  /** null while the panel is closed. */
  readonly form: Form | null;
  /** What brought it up last. */
  readonly part: PanelPart;
  /** Why a folder could not be read. */
  readonly problem: string | null;
  /** Something is being dragged over the page that could be dropped. */
  readonly dragging: boolean;
  readonly show: (part: PanelPart) => void;
  readonly close: () => void;
  readonly change: (form: Form) => void;
  /** Takes folders once they are read; `null` is that nothing was chosen. */
  readonly take: (reading: Promise<readonly LocalFolder[] | null>) => void;
}

export function useSources(): SourcesState {
  const store = useAppStore();
  const [form, setForm] = useState<Form | null>(null);
  const [part, setPart] = useState<PanelPart>("sources");
  const [problem, setProblem] = useState<string | null>(null);
  // Folders stay known while the page is open, also when the panel is closed.
  const folders = useRef<readonly FoundFolder[]>([]);

  const fresh = (): Form => {
    const { view, refused } = store.getState();
    return formFor(refused?.asked ?? askedOf(view), folders.current);
  };
  const change = (next: Form): void => {
    folders.current = next.folders;
    setForm(next);
  };
  const show = (wanted: PanelPart): void => {
    setPart(wanted);
    setProblem(null);
    setForm((old) => old ?? fresh());
  };
  const take = (reading: Promise<readonly LocalFolder[] | null>): void => {
    reading.then(
      (read) => {
        if (read === null) return;
        const found = read.flatMap(({ name, files }) => findFolders(name, files));
        show("sources");
        setForm((old) => {
          const next = withFolders(old ?? fresh(), found);
          folders.current = next.folders;
          return next;
        });
      },
      (error: unknown) => {
        show("sources");
        setProblem(error instanceof FacetError ? error.message : describe(error));
      },
    );
  };
  const dragging = useDrop((items) => take(foldersFromDrop(items)));
  const close = (): void => {
    // The keyboard goes back to where the panel is opened from.
    document.querySelector<HTMLElement>("#open-sources")?.focus();
    setForm(null);
  };
  return { form, part, problem, dragging, show, close, change, take };
}

/** Files and folders dropped anywhere on the page; whether something is being dragged over it. */
function useDrop(onDrop: (items: DataTransferItemList) => void): boolean {
  const [dragging, setDragging] = useState(false);
  const latest = useRef(onDrop);
  useEffect(() => {
    latest.current = onDrop;
  });
  useEffect(() => {
    const holdsFiles = (event: DragEvent): boolean =>
      event.dataTransfer?.types.includes("Files") ?? false;
    const over = (event: DragEvent): void => {
      if (!holdsFiles(event)) return;
      // Without this the browser would leave the page to show the file.
      event.preventDefault();
      setDragging(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setDragging(false);
    };
    const drop = (event: DragEvent): void => {
      if (event.dataTransfer === null || !holdsFiles(event)) return;
      setDragging(false);
      // What it was dropped on has taken it.
      if (event.defaultPrevented) return;
      event.preventDefault();
      latest.current(event.dataTransfer.items);
    };
    window.addEventListener("dragover", over);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", over);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, []);
  return dragging;
}
