// What to scan: the corpus that ships with the model, files from this computer, or a dataset of a hub.

import { useId, useRef, type DragEvent } from "react";
import type { CorpusFile } from "../../lib/scan.ts";
import { count } from "../shared/format.ts";
import { Hostile } from "../shared/Piece.tsx";
import { Segmented } from "../shared/Segmented.tsx";
import type { ScanForm } from "./scanForm.ts";

interface Props {
  readonly form: ScanForm;
  /** The open model comes with a corpus. */
  readonly bundled: boolean;
  readonly onChange: (form: ScanForm) => void;
}

export function CorpusForm({ form, bundled, onChange }: Props) {
  const id = useId();
  return (
    <div className="corpus-form">
      <Segmented
        legend="Corpus"
        testId="scan-corpus"
        value={form.kind}
        onChange={(kind) => onChange({ ...form, kind })}
        choices={[
          ...(bundled ? [{ value: "bundled" as const, label: "bundled" }] : []),
          { value: "files", label: "files" },
          { value: "dataset", label: "Hub dataset" },
        ]}
      />
      {form.kind === "files" && (
        <Files files={form.files} onFiles={(files) => onChange({ ...form, files })} />
      )}
      {form.kind === "dataset" && (
        <label className="field">
          <span>Dataset</span>
          <input
            type="text"
            className="text-field"
            data-testid="scan-dataset"
            autoComplete="off"
            spellCheck={false}
            placeholder="owner/name"
            value={form.dataset}
            onChange={(event) => onChange({ ...form, dataset: event.target.value })}
          />
        </label>
      )}
      <div className="corpus-limits">
        {form.kind !== "bundled" && (
          <label className="field">
            <span>Column of the text</span>
            <input
              type="text"
              className="text-field"
              autoComplete="off"
              spellCheck={false}
              placeholder="text"
              value={form.column}
              onChange={(event) => onChange({ ...form, column: event.target.value })}
            />
          </label>
        )}
        <label className="field">
          <span>Documents of each file</span>
          <input
            type="text"
            className="text-field"
            inputMode="numeric"
            data-testid="scan-documents"
            autoComplete="off"
            placeholder="all"
            value={form.documents}
            onChange={(event) => onChange({ ...form, documents: event.target.value })}
          />
        </label>
        <label className="field" htmlFor={id}>
          <input
            id={id}
            type="checkbox"
            checked={form.metrics}
            onChange={(event) => onChange({ ...form, metrics: event.target.checked })}
          />
          <span>Verify&rsquo;s metrics too (runs the whole model, twice)</span>
        </label>
      </div>
    </div>
  );
}

interface FilesProps {
  readonly files: readonly CorpusFile[];
  readonly onFiles: (files: readonly CorpusFile[]) => void;
}

function Files({ files, onFiles }: FilesProps) {
  const input = useRef<HTMLInputElement>(null);
  const take = (list: FileList): void =>
    onFiles([...list].map((file) => ({ path: file.webkitRelativePath || file.name, file })));
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    take(event.dataTransfer.files);
  };
  return (
    <div className="corpus-files" onDrop={onDrop}>
      <button type="button" className="button" onClick={() => input.current?.click()}>
        Choose files…
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept=".txt,.text,.md,.markdown,.jsonl,.ndjson,.json,.csv,.parquet,.gz"
        data-testid="scan-files"
        aria-label="Corpus files"
        onChange={(event) => {
          if (event.target.files !== null) take(event.target.files);
        }}
      />
      <span className="soft">
        {files.length === 0 ? (
          "Text, JSONL, JSON, CSV or Parquet, all but the last as .gz too; or drop them here."
        ) : files.length === 1 ? (
          <Hostile text={files[0]?.path ?? ""} />
        ) : (
          `${count(files.length)} files`
        )}
      </span>
    </div>
  );
}
