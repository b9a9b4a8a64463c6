// Neuronpedia as a source of labels: one question with the number of a feature in it and nothing else, asked only where
// the reader has switched it on. What comes back is a stranger's text, and is checked and cut.

import { FacetError, throwIfCancelled } from "../lib/errors.ts";
import { isJsonObject, parseJsonObject } from "../lib/json.ts";
import { cleanLabel } from "../lib/oneLine.ts";
import { discard, readBody } from "./body.ts";
import { withoutQueries } from "./hubErrors.ts";
import { TransientFailure } from "./retry.ts";

export const NEURONPEDIA = "https://www.neuronpedia.org";

/** An answer has strings for the activations of dozens of examples. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

export interface NeuronpediaLabel {
  readonly text: string;
  /** Which model wrote the explanation, and how, where the answer says. */
  readonly author: string | null;
}

/** `model/source` as an SAE's configuration has it ("gemma-2b/6-res-jb"): two plain names, or null. */
export const parseNeuronpediaId = (id: string | null): string | null =>
  id !== null && /^[\w-][\w.-]{0,63}\/[\w-][\w.-]{0,63}$/.test(id) ? id : null;

/** The first explanation of a feature; null where it has none. @param origin another one in tests. */
export async function neuronpediaLabel(
  id: string,
  index: number,
  signal?: AbortSignal,
  origin = NEURONPEDIA,
): Promise<NeuronpediaLabel | null> {
  const name = `${id}/${index}`;
  if (parseNeuronpediaId(id) === null || !Number.isSafeInteger(index) || index < 0) {
    throw new FacetError("BadLink", `Asking Neuronpedia for ${name}: this names no feature there.`);
  }
  const doing = `asking Neuronpedia for ${name}`;
  throwIfCancelled(signal, doing);
  try {
    const response = await fetch(`${origin}/api/feature/${name}`, {
      signal: signal ?? null,
      credentials: "omit",
      referrerPolicy: "no-referrer",
      redirect: "error",
    });
    if (response.status === 404) {
      await discard(response);
      return null;
    }
    if (!response.ok) {
      await discard(response);
      throw new TransientFailure(`it answered with status ${response.status}`);
    }
    const bytes = await readBody(response, MAX_ANSWER_BYTES, doing, signal);
    return firstExplanation(parseJsonObject(bytes, `Neuronpedia's answer for ${name}`));
  } catch (error) {
    if (error instanceof FacetError) throw error;
    throwIfCancelled(signal, doing);
    const found = error instanceof TransientFailure ? error.message : "it could not be reached";
    throw new FacetError(
      "Network",
      `While ${doing}: ${found}. Other labels are not touched; try again later.`,
      withoutQueries(error),
    );
  }
}

function firstExplanation({
  explanations,
}: {
  readonly [key: string]: unknown;
}): NeuronpediaLabel | null {
  const list: readonly unknown[] = Array.isArray(explanations) ? explanations : [];
  for (const entry of list) {
    if (!isJsonObject(entry) || typeof entry["description"] !== "string") continue;
    const text = cleanLabel(entry["description"]);
    if (text === "") continue;
    const words = [entry["explanationModelName"], entry["typeName"]]
      .filter((word) => typeof word === "string")
      .map(cleanLabel)
      .filter((word) => word !== "");
    return { text, author: words.length === 0 ? null : words.join(", ") };
  }
  return null;
}
