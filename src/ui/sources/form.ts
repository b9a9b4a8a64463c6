// What the reader is about to open: the form of the source panel as a value, what it offers, and what it stands for.
// Pure; the panel draws it and the store opens it.

import { FacetError } from "../../lib/errors.ts";
import { namedRepos } from "../../lib/repoAddress.ts";
import type { Catalog, CatalogModel, CatalogSae, Precision } from "../../lib/report.ts";
import type { Asked } from "../../state/requests.ts";
import { readEndpoint } from "../../state/permalink.ts";
import type { LocalFolder, Sources } from "../../state/store.ts";
import { bytes, count } from "../shared/format.ts";
import { bytesOf, type FoundFolder, type SourceKind } from "./folders.ts";

/** One radio button: something to open with a name and a line about it. */
export interface Choice {
  readonly id: string;
  readonly source: string | LocalFolder;
  readonly name: string;
  readonly detail: string;
}

/** The id of "another repository". */
export const TYPED = "typed";

/** Which choice is taken, and what stands in the text field, taken or not. */
export interface Picked {
  readonly id: string;
  readonly text: string;
}

export interface Form {
  readonly model: Picked;
  readonly sae: Picked;
  /** As typed; empty for the public Hub. */
  readonly endpoint: string;
  readonly precision: Precision | null;
  /** Read from disk in this tab. */
  readonly folders: readonly FoundFolder[];
}

const isTyped = (key: string): boolean => key.includes("/") && !key.startsWith("local/");

/** The form that stands for what a view asks for. */
export function formFor(
  { model, sae, endpoint, precision }: Asked,
  folders: readonly FoundFolder[],
): Form {
  const pick = (key: string): Picked =>
    isTyped(key) ? { id: TYPED, text: key } : { id: key, text: "" };
  return { model: pick(model), sae: pick(sae), endpoint: endpoint ?? "", precision, folders };
}

const folderId = (index: number): string => `folder ${index}`;

/** With folders from disk added, the first of each kind taken. */
export function withFolders(form: Form, found: readonly FoundFolder[]): Form {
  return taking({ ...form, folders: [...form.folders, ...found] }, found);
}

/** With the folder of an unknown kind taken as what the reader says it is. */
export function asKind(form: Form, unknown: FoundFolder, kind: SourceKind): Form {
  const named = { ...unknown, kind };
  const folders = form.folders.map((folder) => (folder === unknown ? named : folder));
  return taking({ ...form, folders }, [named]);
}

function taking(form: Form, found: readonly FoundFolder[]): Form {
  const take = (kind: SourceKind): Picked => {
    const first = found.find((folder) => folder.kind === kind);
    const { id, text } = form[kind];
    return { id: first === undefined ? id : folderId(form.folders.indexOf(first)), text };
  };
  return { ...form, model: take("model"), sae: take("sae") };
}

export function modelChoices(form: Form, catalog: Catalog | null): Choice[] {
  const known = (catalog?.models ?? []).map((model) => ({
    id: model.key,
    source: model.key,
    name: model.name,
    detail: modelDetail(model),
  }));
  return withPresent([...known, ...folderChoices(form, "model")], form.model.id);
}

export function saeChoices(form: Form, catalog: Catalog | null): Choice[] {
  const saes = catalog?.saes ?? [];
  const ofModel = saes.filter(({ model }) => model === form.model.id);
  const inCatalog = catalog?.models.some(({ key }) => key === form.model.id) ?? true;
  // For a model by another name: any published SAE, by its address, which no other model's key can be mistaken for.
  const known = inCatalog ? ofModel.map(byKey) : saes.filter(isOnHub).map(byAddress);
  const choices = [...known, ...folderChoices(form, "sae")];
  return form.sae.id.startsWith("local/") ? withPresent(choices, form.sae.id) : choices;
}

/** The SAE that is taken: another model has other SAEs, and then it is its first. */
export function pickedSae({ sae }: Form, choices: readonly Choice[]): string {
  const offered = sae.id === TYPED || choices.some(({ id }) => id === sae.id);
  return offered ? sae.id : (choices[0]?.id ?? TYPED);
}

/** What the form stands for, or what is wrong with it. */
export function sourcesOf(
  form: Form,
  catalog: Catalog | null,
): { readonly sources: Sources } | { readonly problem: string } {
  const saes = saeChoices(form, catalog);
  const model = sourceOf(form.model, modelChoices(form, catalog));
  const sae = sourceOf({ ...form.sae, id: pickedSae(form, saes) }, saes);
  if (model === null) return { problem: "Say which model: owner/name." };
  if (sae === null) return { problem: "Say which SAE: owner/name, and /folder where it has one." };
  const address = form.endpoint.trim();
  const endpoint = address === "" ? null : readEndpoint(address);
  if (endpoint === undefined) {
    return { problem: "The hub's address must begin with https:// and hold no password." };
  }
  const typed = (source: string | LocalFolder): string =>
    typeof source === "string" ? source : "";
  try {
    const named = namedRepos({ model: typed(model), sae: typed(sae), endpoint });
    return {
      sources: {
        model: typeof model === "string" ? named.model : model,
        sae: typeof sae === "string" ? named.sae : sae,
        endpoint: named.endpoint,
        precision: form.precision,
      },
    };
  } catch (error) {
    if (error instanceof FacetError) return { problem: error.message };
    throw error;
  }
}

function sourceOf({ id, text }: Picked, choices: readonly Choice[]): Choice["source"] | null {
  const typed = text.trim();
  if (id === TYPED) return typed === "" ? null : typed;
  return choices.find((choice) => choice.id === id)?.source ?? null;
}

function folderChoices({ folders }: Form, kind: SourceKind): Choice[] {
  return folders.flatMap((folder, index) =>
    folder.kind === kind
      ? [
          {
            id: folderId(index),
            source: folder,
            name: folder.name,
            detail: `on this computer · ${count(folder.files.length)} files · ${bytes(bytesOf(folder))}`,
          },
        ]
      : [],
  );
}

/** What is open, where it stands in no list. */
function withPresent(choices: Choice[], id: string): Choice[] {
  if (id === TYPED || choices.some((choice) => choice.id === id)) return choices;
  const detail = id.startsWith("local/") ? "on this computer, opened before" : "by its key";
  return [...choices, { id, source: id, name: id, detail }];
}

function modelDetail({ key, source, bytes: size, gated }: CatalogModel): string {
  return [
    source === key ? "ships with this page" : source,
    ...(size === null ? [] : [bytes(size)]),
    ...(gated ? ["gated: its licence must be accepted"] : []),
  ].join(" · ");
}

const isOnHub = ({ source }: CatalogSae): boolean => source.includes("/");

function byKey(sae: CatalogSae): Choice {
  const where = isOnHub(sae) ? sae.source : "ships with this page";
  return { id: sae.key, source: sae.key, name: sae.key, detail: `${width(sae)}${where}` };
}

function byAddress(sae: CatalogSae): Choice {
  const address = `${sae.source}/${sae.folder}`;
  return {
    id: address,
    source: address,
    name: `${sae.model}, ${sae.hook}`,
    detail: `${width(sae)}${sae.source}`,
  };
}

const width = ({ dSae }: CatalogSae): string => (dSae === null ? "" : `${count(dSae)} features · `);
