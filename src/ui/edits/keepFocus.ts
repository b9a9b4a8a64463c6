// Where the focus goes when the control that has it goes away with what it did: it must not be lost to the page.

/** To the control that `selector` finds in the part around it. */
export function focusIn(from: Element, part: string, selector: string): void {
  from.closest(part)?.querySelector<HTMLElement>(selector)?.focus();
}

/** From a row that is removed to the same control of its neighbour; false where it has none. */
export function focusNeighbour(control: Element): boolean {
  const row = control.closest("li");
  const next = (row?.nextElementSibling ?? row?.previousElementSibling)?.querySelector("button");
  next?.focus();
  return next !== undefined && next !== null;
}
