// A folder on this computer: chosen with the browser's picker where it has one, with a file input everywhere, or dropped
// on the page. Where its files do not tell what it is, the reader is asked.

import { useRef } from "react";
import type { LocalFolder } from "../../state/store.ts";
import { Hostile } from "../shared/Piece.tsx";
import { asKind, type Form } from "./form.ts";
import { folderFromInput, folderFromPicker } from "./readFolder.ts";

interface Props {
  readonly form: Form;
  readonly onChange: (form: Form) => void;
  readonly onFolders: (reading: Promise<readonly LocalFolder[] | null>) => void;
}

const listed = (folder: LocalFolder | null): readonly LocalFolder[] | null => folder && [folder];

export function FolderPicker({ form, onChange, onFolders }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const choose = (): void => {
    const pick = window.showDirectoryPicker?.bind(window);
    if (pick === undefined) input.current?.click();
    else onFolders(folderFromPicker(pick).then(listed));
  };
  const unknown = form.folders.find(({ kind }) => kind === null);
  return (
    <div className="folder-picker">
      <h3>On this computer</h3>
      <p className="caption">
        A folder as SAELens saves an SAE (cfg.json, sae_weights.safetensors), or a model&rsquo;s
        (config.json, *.safetensors, tokenizer.json). Drop it anywhere on the page, or choose it. It
        is read where it lies: nothing is uploaded.
      </p>
      <button type="button" className="button" data-testid="choose-folder" onClick={choose}>
        Choose a folder…
      </button>
      <input
        ref={(element) => {
          input.current = element;
          // React has no attribute for it.
          if (element !== null) element.webkitdirectory = true;
        }}
        type="file"
        multiple
        hidden
        data-testid="folder-input"
        aria-label="Folder"
        onChange={(event) => {
          const { files } = event.target;
          if (files !== null) onFolders(Promise.resolve(files).then(folderFromInput).then(listed));
        }}
      />
      {unknown !== undefined && (
        <div className="note" role="status" data-testid="unknown-folder">
          <p>
            <Hostile text={unknown.name} /> has neither a cfg.json nor a config.json beside
            *.safetensors. What is it?
          </p>
          <div className="button-row">
            {(["model", "sae"] as const).map((kind) => (
              <button
                key={kind}
                type="button"
                className="button button-small"
                onClick={() => onChange(asKind(form, unknown, kind))}
              >
                {kind === "model" ? "A model" : "An SAE"}
              </button>
            ))}
          </div>
        </div>
      )}
    </div>
  );
}
