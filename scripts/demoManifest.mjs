// Writes public/demo/manifest.json: every file of the bundle with its size and sha256, and a revision for each
// folder that a report names, made of those hashes, and the number of documents in the corpus. Run it after the bundle has changed.

import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../public/demo/", import.meta.url));
/** @param {import("node:crypto").BinaryLike} data */
const sha256 = (data) => createHash("sha256").update(data).digest("hex");

const paths = (await readdir(root, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && entry.name !== "manifest.json")
  .map((entry) => `${entry.parentPath}/${entry.name}`.replaceAll("//", "/").slice(root.length))
  .toSorted();

/** @type {{ path: string, size: number, sha256: string }[]} */
const files = [];
for (const path of paths) {
  const data = await readFile(root + path);
  files.push({ path, size: data.byteLength, sha256: sha256(data) });
}

const folders = [
  "model",
  ...new Set(
    paths.filter((p) => p.startsWith("sae/")).map((p) => p.split("/").slice(0, 2).join("/")),
  ),
];
const revisions = Object.fromEntries(
  folders.map((folder) => [
    folder,
    sha256(
      files
        .filter((file) => file.path.startsWith(`${folder}/`))
        .map((file) => `${file.path} ${file.sha256}\n`)
        .join(""),
    ).slice(0, 40),
  ]),
);

const corpus = await readFile(`${root}corpus.jsonl`, "utf8");
const documents = corpus.split("\n").filter((line) => line !== "").length;

await writeFile(
  `${root}manifest.json`,
  `${JSON.stringify({ documents, revisions, files }, null, 1)}\n`,
);
