// What the reader does with labels: writes their own, brings some from a file, lets Neuronpedia be asked.

import type { NeuronpediaLabel } from "../lib/hosted.ts";
import type { Provenance } from "../lib/report.ts";
import { cleanLabel } from "../lib/oneLine.ts";
import { FacetError } from "../lib/errors.ts";
import { show } from "../lib/json.ts";
import { type OwnLabels, readLabelFile } from "./labelFile.ts";
import type { LabelMemory } from "./labelMemory.ts";
import type { Actions } from "./actions.ts";
import type { State } from "./store.ts";

interface Effects {
  readonly getState: () => State;
  readonly setState: (patch: Pick<State, "labels">) => void;
  /** Shows what went wrong, or what the reader should know. */
  readonly tell: (error: unknown) => void;
  readonly say: (text: string) => void;
}

export interface LabelActions {
  /** Another SAE is open: its labels are on show. */
  readonly opened: () => void;
  /** Neuronpedia has a label for a feature of the SAE that it calls so. */
  readonly found: (id: string, index: number, label: NeuronpediaLabel) => void;
  readonly actions: Pick<Actions, "setLabel" | "importLabels" | "askNeuronpedia">;
}

export function labelActions(
  memory: LabelMemory,
  { getState, setState, tell, say }: Effects,
): LabelActions {
  const openSae = (): Provenance["sae"] | null => getState().card.data?.provenance.sae ?? null;

  const patch = (labels: Partial<State["labels"]>): void =>
    setState({ labels: { ...getState().labels, ...labels } });

  /** Keeps the labels with `change` made to what is kept now, which another tab may have added to. */
  function keep(change: (kept: OwnLabels) => OwnLabels): void {
    const sae = openSae();
    if (sae === null) return;
    try {
      const own = change(memory.read(sae));
      patch({ own });
      memory.write(sae, own);
    } catch (error) {
      tell(error);
    }
  }

  async function importFile(file: Blob, name: string): Promise<void> {
    const sae = openSae();
    if (sae === null) {
      throw new FacetError(
        "NoBackend",
        `Reading labels from ${show(name)}: no SAE is open that they could be for. Open one first.`,
      );
    }
    const { labels, madeFor } = readLabelFile(new Uint8Array(await file.arrayBuffer()), name, sae);
    keep((kept) => ({ ...kept, ...labels }));
    const brought = Object.keys(labels).length;
    const other =
      madeFor === null ? "" : ` They were made for ${madeFor}: check that it is the same SAE.`;
    say(`${brought} ${brought === 1 ? "label was" : "labels were"} brought in.${other}`);
  }

  return {
    found(id, index, label) {
      const { card, labels } = getState();
      // Of the SAE that is open now.
      if (card.data?.sae.neuronpediaId === id) {
        patch({ neuronpedia: { ...labels.neuronpedia, [index]: label } });
      }
    },
    opened() {
      patch({ own: {}, neuronpedia: {}, asksNeuronpedia: memory.asksNeuronpedia() });
      keep((kept) => kept);
    },
    actions: {
      setLabel: (index, text) =>
        keep((kept) => {
          const { [index]: _old, ...others } = kept;
          const label = cleanLabel(text);
          return label === "" ? others : { ...others, [index]: label };
        }),
      importLabels: (file, name) => void importFile(file, name).catch(tell),
      askNeuronpedia(on) {
        memory.setAsksNeuronpedia(on);
        patch({ asksNeuronpedia: on });
      },
    },
  };
}
