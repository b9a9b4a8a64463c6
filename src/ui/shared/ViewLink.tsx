// A link to another view: a plain click moves there, anything else (a new tab, copying) is the browser's to do.

import type { MouseEvent, ReactNode } from "react";
import { writeLink } from "../../state/permalink.ts";
import type { View } from "../../state/view.ts";
import { useActions, useApp } from "./app.ts";
import { focusHeading } from "./focus.ts";

interface Props {
  readonly to: Partial<View>;
  readonly children: ReactNode;
  readonly className?: string;
  readonly current?: boolean;
  readonly testId?: string;
  /** What it is called aloud, where that is more than what stands there. */
  readonly label?: string;
  /** Marks the link of a feature. */
  readonly feature?: number;
  /** The pointer or the keyboard is on it: it may be followed next. */
  readonly onPoint?: () => void;
}

const plainClick = (event: MouseEvent): boolean =>
  event.button === 0 && !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;

export function ViewLink({
  to,
  children,
  className,
  current = false,
  testId,
  label,
  feature,
  onPoint,
}: Props) {
  const actions = useActions();
  const view = useApp((state) => state.view);
  return (
    <a
      href={`#${writeLink({ ...view, ...to }).fragment}`}
      className={className}
      aria-current={current ? "page" : undefined}
      aria-label={label}
      data-testid={testId}
      data-feature={feature}
      onMouseEnter={onPoint}
      onFocus={onPoint}
      onClick={(event) => {
        if (!plainClick(event)) return;
        event.preventDefault();
        actions.setView(to);
        // By keyboard (no click of a pointer) out of what is about to go; the header stays.
        const leaves = event.currentTarget.closest("main") !== null;
        if (event.detail === 0 && leaves) focusHeading();
      }}
    >
      {children}
    </a>
  );
}
