// Which positions count in summaries and metrics; the same switch wherever such a number stands.

import { useActions, useApp } from "./app.ts";
import { Segmented } from "./Segmented.tsx";

export function MaskSwitch() {
  const actions = useActions();
  const mask = useApp((state) => state.view.mask);
  return (
    <Segmented
      legend="Counted"
      testId="switch-mask"
      value={mask}
      onChange={(value) => actions.setView({ mask: value })}
      choices={[
        {
          value: "nonspecial",
          label: "without specials",
          title: "All positions but pad, eos, bos and unk; SAELens since 2025-10",
        },
        { value: "all", label: "all positions", title: "As the model cards of 2024 have it" },
      ]}
    />
  );
}
