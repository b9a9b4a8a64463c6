// The report behind a part of the panel, as a file of JSON.

import { type ExportFile, saveJson } from "../shared/exportReport.ts";

/** @param what the part's name, for those who cannot see where the button stands. */
export function SaveReport({ what, file }: { what: string; file: () => ExportFile }) {
  return (
    <button
      type="button"
      className="link save-report"
      aria-label={`Save ${what} as JSON`}
      onClick={() => {
        const { name, report } = file();
        saveJson(name, report);
      }}
    >
      save as JSON
    </button>
  );
}
