// What the code for SAELens is tried on: every small SAE on its model, in every place of the page.

import { readFileSync } from "node:fs";
import type { CodeRequest, Side } from "../../src/export/saelens/request.ts";
import type { Files } from "../../src/export/saelens/steps.ts";
import { parseSaeConfig } from "../../src/formats/saeConfig.ts";
import type { Edit } from "../../src/lib/edits.ts";
import type { GeluKind, Precision } from "../../src/lib/report.ts";
import { repository } from "./nodeFiles.ts";
import { saeFile } from "./tinyModels.ts";

/** Repositories are folders of tests/. */
const GOLDENS = "fixtures/goldens";
export const LOADED = "fixtures/saelens-code";
export const MODEL = "tiny-mqa-bf16-sharded";

/** Where the files of a repository made up by these cases stand. */
export function folderOf(files: Files): string {
  if (files.from !== "hub") throw new Error(`No such folder: ${JSON.stringify(files)}`);
  return `tests/${files.repo}/${files.folder}`;
}

export const scalingOf = async (folder: string): Promise<number[]> => {
  const { tensor } = await saeFile(folder.split("/").at(-1) ?? "");
  return [...(await tensor("scaling_factor"))];
};

/** What the page would know of this SAE: its configuration, as it is read, and an s where there is one. */
export function sideOf(
  folder: string,
  s: number | null,
  {
    activation = "tanh",
    precision = "bf16",
    repo = GOLDENS,
  }: {
    activation?: GeluKind;
    precision?: Precision;
    repo?: string;
  } = {},
): Side {
  const config = parseSaeConfig(readFileSync(repository(`tests/${repo}/${folder}/cfg.json`)));
  const named = config.raw["architecture"];
  return {
    provenance: {
      facet: "0.1.0",
      model: { source: `${GOLDENS}/${MODEL}`, revision: "abc", precision, activation },
      sae: {
        source: repo,
        revision: "def",
        folder,
        hook: config.hook,
        dIn: config.dIn,
        dSae: config.dSae,
        architecture: config.architecture,
        prependBos: true,
      },
      backend: { name: "tfjs-cpu" },
    },
    run: {
      namedArchitecture: typeof named === "string" ? named : null,
      normalization: config.normalizeActivations,
      normScalingFactor: config.normalizeActivations === "expected_average_only_in" ? s : null,
      rescaleActsByDecoderNorm: config.rescaleActsByDecoderNorm,
      scalesFeatures: config.finetuningScalingFactor,
      prependBos: config.prependBos,
    },
  };
}

export function saeCase(kind: string): { ids: number[]; s: number | null } {
  const { ids, normScalingFactor: s } = JSON.parse(
    readFileSync(repository(`tests/${GOLDENS}/sae/${kind}/golden.json`), "utf8"),
  ) as { ids: number[]; normScalingFactor: number | null };
  return { ids, s };
}

export const EDITS: readonly Edit[] = [
  { feature: 17, mode: "ablate", positions: "all" },
  { feature: 23, mode: "clamp", value: 4.5, positions: [3, 9, 9] },
  { feature: 40, mode: "scale", value: 2.5, positions: { from: 5 } },
  { feature: 40, mode: "steer", value: -0.25, positions: { from: 12 } },
  { feature: 17, mode: "steer", value: 0.5, positions: [2] },
];

export function requestOf(
  side: Side,
  ids: readonly number[] | null,
  more: Partial<CodeRequest> = {},
): CodeRequest {
  return {
    place: "text",
    side,
    other: null,
    endpoint: null,
    tokens: ids === null ? null : ids.map((id) => ({ id, special: id === 2 })),
    mask: "nonspecial",
    units: "folded",
    feature: null,
    list: [],
    lossByToken: false,
    edits: [],
    controls: { count: 4, seed: 1 },
    position: null,
    promotes: null,
    ...more,
  };
}
